/** The audit log: written in the transaction of what it tells, read in pages. */
import type { DatabaseSync } from 'node:sqlite';

import {
  type AuditEntry,
  type AuditEvent,
  type AuditHead,
  chain,
  encodeFacts,
  firstHead,
  headOf,
  type PersonalSelector,
  selects,
  withoutValues,
} from '../../runtime/audit/index.ts';
import { pooledRandomBytes } from '../../runtime/cryptography/index.ts';
import { decodePersonal, encodePersonal } from './personal-column.ts';
import { bytes, number, type Row, text } from './row.ts';

export interface AuditTable {
  /** @param after a number that the first one must exceed */
  appendAudit(events: readonly AuditEvent[], after?: number): AuditHead;
  auditHead(): AuditHead;
  auditCounted(): number;
  readAudit(from: number, limit: number): AuditEntry[];
  readIssuers(limit: number): AuditEntry[];
  eraseAuditPersonal(selector: PersonalSelector, event: AuditEvent): number;
}

export function auditTable(database: DatabaseSync): AuditTable {
  const randomSalts = pooledRandomBytes();
  // Asked each time: what was rolled back must not be chained to.
  const last = database.prepare('SELECT sequence, hash, at FROM audit ORDER BY sequence DESC LIMIT 1');
  const counted = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'audit'");
  const insert = database.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)');
  const from = database.prepare('SELECT * FROM audit WHERE sequence >= ? ORDER BY sequence LIMIT ?');
  // The condition as the index has it, so that it is used.
  const ofIssuers = database.prepare(
    "SELECT * FROM audit WHERE action IN ('authority.start', 'issuer.import', 'issuer.rotate') ORDER BY sequence DESC LIMIT ?",
  );
  const replacePersonal = database.prepare('UPDATE audit SET personal = ? WHERE sequence = ?');
  const holding = database.prepare('SELECT * FROM audit WHERE instr(personal, ?) > 0 ORDER BY sequence');

  const auditHead = (): AuditHead => {
    const row = last.get();
    return row === undefined
      ? firstHead
      : { sequence: number(row, 'sequence'), hash: hex(bytes(row, 'hash')), atMs: number(row, 'at') };
  };
  const auditCounted = (): number => Number(counted.get()?.['seq'] ?? 0);

  const appendAudit: AuditTable['appendAudit'] = (events, after = 0) => {
    let head = auditHead();
    // Where the end of the log was removed, its numbers stay missing.
    let next = Math.max(head.sequence, auditCounted(), after) + 1;
    for (const event of events) {
      const entry = chain(head, event, randomSalts, next);
      insert.run(
        entry.sequence,
        entry.atMs,
        entry.action,
        encodeFacts(entry.facts),
        encodePersonal(entry.personal),
        Buffer.from(entry.previous, 'hex'),
        Buffer.from(entry.hash, 'hex'),
      );
      head = headOf(entry);
      next += 1;
    }
    return head;
  };

  const erase = (entry: AuditEntry, selector: PersonalSelector): number => {
    const names = selects(selector, entry.personal);
    if (names.length === 0) return 0;
    replacePersonal.run(encodePersonal(withoutValues(entry.personal, names)), entry.sequence);
    return names.length;
  };

  return {
    appendAudit,
    auditHead,
    auditCounted,
    readAudit: (first, limit) => from.all(first, limit).map(entryOf),
    readIssuers: (limit) => ofIssuers.all(limit).map(entryOf),
    eraseAuditPersonal: (selector, event) => {
      // Overwritten with zeros where it stood (https://sqlite.org/pragma.html#pragma_secure_delete); not for every other write, which it slows down.
      database.exec('PRAGMA secure_delete = ON');
      try {
        // As it stands in the column: a part of JSON text.
        const written = JSON.stringify(selector.actor ?? selector.name ?? '').slice(1, -1);
        let fields = 0;
        for (const row of holding.all(written)) fields += erase(entryOf(row), selector);
        appendAudit([{ ...event, facts: { ...event.facts, fields } }]);
        return fields;
      } finally {
        database.exec('PRAGMA secure_delete = OFF');
      }
    },
  };
}

function entryOf(row: Row): AuditEntry {
  return {
    sequence: number(row, 'sequence'),
    previous: hex(bytes(row, 'previous')),
    atMs: number(row, 'at'),
    action: text(row, 'action'),
    facts: JSON.parse(text(row, 'facts')) as AuditEntry['facts'],
    personal: decodePersonal(text(row, 'personal')),
    hash: hex(bytes(row, 'hash')),
  };
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('hex');
}
