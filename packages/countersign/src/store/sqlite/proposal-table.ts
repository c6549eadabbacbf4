/** What takes two persons: proposals with the consents to them, and the settings accepted last. */
import type { DatabaseSync } from 'node:sqlite';

import type { Consent, ConsentOutcome, ProposalRecord, SettingsRecord } from '../../issuing/server/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import type { AuditTable } from './audit-table.ts';
import { number, type Row, text } from './row.ts';

export interface ProposalTable {
  propose(proposal: ProposalRecord, event: AuditEvent): ProposalRecord;
  findProposal(id: string): ProposalRecord | undefined;
  listProposals(sinceMs: number): ProposalRecord[];
  consentTo(id: string, contentSha256: string, consent: Consent, event: AuditEvent): ConsentOutcome;
  settleProposal(
    id: string,
    from: ProposalRecord['state'],
    to: ProposalRecord['state'],
    event: AuditEvent | undefined,
  ): boolean;
  acceptedSettings(): SettingsRecord | undefined;
  acceptSettings(settings: SettingsRecord, event: AuditEvent): void;
}

export function proposalTable(database: DatabaseSync, audit: AuditTable): ProposalTable {
  const insert = database.prepare('INSERT INTO proposal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const agree = database.prepare('INSERT INTO proposal_consent VALUES (?, ?, ?, ?)');
  const select = database.prepare('SELECT * FROM proposal WHERE id = ?');
  const same = database.prepare(
    "SELECT * FROM proposal WHERE operation = ? AND content_sha256 = ? AND state = 'open' AND expires_at > ? LIMIT 1",
  );
  const since = database.prepare('SELECT * FROM proposal WHERE proposed_at >= ? ORDER BY proposed_at DESC, id');
  const consents = database.prepare('SELECT * FROM proposal_consent WHERE proposal = ? ORDER BY at, person');
  const settle = database.prepare('UPDATE proposal SET state = ? WHERE id = ? AND state = ?');

  const read = (row: Row | undefined): ProposalRecord | undefined =>
    row === undefined ? undefined : { ...proposal(row), consents: consents.all(text(row, 'id')).map(consent) };

  return {
    propose: (p, event) => {
      const held = read(same.get(p.operation, p.contentSha256, p.proposedAtMs));
      if (held !== undefined) return held;
      insert.run(
        ...([p.id, p.operation, p.content, p.contentSha256] as const),
        ...([JSON.stringify(p.what), JSON.stringify(p.roles), p.needed, p.state] as const),
        p.proposedAtMs,
        p.expiresAtMs,
      );
      for (const { person, name, atMs } of p.consents) agree.run(p.id, person, name, atMs);
      audit.appendAudit([event]);
      return p;
    },
    findProposal: (id) => read(select.get(id)),
    listProposals: (sinceMs) => since.all(sinceMs).flatMap((row) => read(row) ?? []),
    consentTo: (id, contentSha256, { person, name, atMs }, event) => {
      const found = read(select.get(id));
      if (found === undefined) return 'unknown';
      if (found.state !== 'open' || atMs >= found.expiresAtMs) return 'over';
      if (found.contentSha256 !== contentSha256) return 'other-content';
      if (found.consents.some((one) => one.person === person)) return 'same-person';
      agree.run(id, person, name, atMs);
      audit.appendAudit([event]);
      if (found.consents.length + 1 < found.needed) return 'agreed';
      settle.run('executing', id, 'open');
      return 'complete';
    },
    settleProposal: (id, from, to, event) => {
      const settled = settle.run(to, id, from).changes === 1;
      if (settled && event !== undefined) audit.appendAudit([event]);
      return settled;
    },
    ...settingsMemory(database, audit),
  };
}

function settingsMemory(
  database: DatabaseSync,
  audit: AuditTable,
): Pick<ProposalTable, 'acceptedSettings' | 'acceptSettings'> {
  const select = database.prepare('SELECT * FROM accepted_settings');
  const replace = database.prepare('INSERT OR REPLACE INTO accepted_settings VALUES (1, ?, ?)');
  return {
    acceptedSettings: () => {
      const row = select.get();
      return row === undefined
        ? undefined
        : { content: text(row, 'content'), acceptedAtMs: number(row, 'accepted_at') };
    },
    acceptSettings: ({ content, acceptedAtMs }, event) => {
      audit.appendAudit([event]);
      replace.run(content, acceptedAtMs);
    },
  };
}

function proposal(row: Row): Omit<ProposalRecord, 'consents'> {
  return {
    id: text(row, 'id'),
    operation: text(row, 'operation'),
    content: text(row, 'content'),
    contentSha256: text(row, 'content_sha256'),
    what: JSON.parse(text(row, 'what')) as string[],
    roles: JSON.parse(text(row, 'roles')) as ProposalRecord['roles'],
    needed: number(row, 'needed'),
    state: text(row, 'state') as ProposalRecord['state'],
    proposedAtMs: number(row, 'proposed_at'),
    expiresAtMs: number(row, 'expires_at'),
  };
}

function consent(row: Row): Consent {
  return { person: text(row, 'person'), name: text(row, 'name'), atMs: number(row, 'at') };
}
