/** Partners, their terms and their states. */
import type { DatabaseSync } from 'node:sqlite';

import type { PartnerChange, PartnerRecord, PartnerRemoval, ToldExpiry } from '../../issuing/partner-registry/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';
import { number, type Row, text } from './row.ts';

export interface PartnerTable {
  addPartners(partners: readonly PartnerRecord[], events: readonly AuditEvent[]): boolean[];
  findPartners(names: readonly string[]): (PartnerRecord | undefined)[];
  pageOfPartners(after: string | undefined, limit: number): PartnerRecord[];
  settlePartners(changes: readonly PartnerChange[]): boolean[];
  noteToldExpiries(told: readonly ToldExpiry[]): void;
  removePartners(removals: readonly PartnerRemoval[]): boolean[];
}

export function partnerTable(database: DatabaseSync, audit: AuditTable): PartnerTable {
  const insert = database.prepare('INSERT OR IGNORE INTO partner VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)');
  const select = database.prepare('SELECT * FROM partner WHERE name = ?');
  const page = database.prepare('SELECT * FROM partner WHERE name > ? ORDER BY name LIMIT ?');
  const settle = database.prepare(
    'UPDATE partner SET state = ?, reason = ?, changed_at = ? WHERE name = ? AND state = ?',
  );
  const tell = database.prepare('UPDATE partner SET told_serial = ?, told_before = ? WHERE name = ?');
  const remove = database.prepare('DELETE FROM partner WHERE name = ?');

  return {
    addPartners: (partners, events) =>
      partners.map(({ name, state, reason, terms, invitedAtMs, changedAtMs }, index) => {
        const values = [name, state, reason ?? null, JSON.stringify(terms), invitedAtMs, changedAtMs] as const;
        const added = insert.run(...values).changes === 1;
        if (added) audit.appendAudit(events.slice(index, index + 1));
        return added;
      }),
    findPartners: (names) => names.map((name) => record(select.get(name))),
    pageOfPartners: (after, limit) => page.all(after ?? '', limit).flatMap((row) => record(row) ?? []),
    settlePartners: (changes) =>
      changes.map(({ name, from, to, reason, atMs, event }) => {
        const settled = settle.run(to, reason ?? null, atMs, name, from).changes === 1;
        if (settled) audit.appendAudit([event]);
        return settled;
      }),
    noteToldExpiries: (told) => {
      for (const { name, serial, beforeMs } of told) tell.run(serial, beforeMs, name);
    },
    removePartners: (removals) =>
      removals.map(({ name, event }) => {
        const removed = remove.run(name).changes === 1;
        if (removed) audit.appendAudit([event]);
        return removed;
      }),
  };
}

function record(row: Row | undefined): PartnerRecord | undefined {
  if (row === undefined) return undefined;
  return {
    name: text(row, 'name'),
    state: text(row, 'state') as PartnerRecord['state'],
    reason: row['reason'] === null ? undefined : text(row, 'reason'),
    terms: JSON.parse(text(row, 'terms')) as PartnerRecord['terms'],
    invitedAtMs: number(row, 'invited_at'),
    changedAtMs: number(row, 'changed_at'),
    ...(row['told_serial'] === null
      ? {}
      : { told: { serial: text(row, 'told_serial'), beforeMs: number(row, 'told_before') } }),
  };
}
