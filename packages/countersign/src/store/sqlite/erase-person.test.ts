/** Somebody is erased from decided proposals with the audit log; one that is open still says whom it is about. */
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import type { ProposalRecord } from '../../issuing/server/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import { auditTable } from './audit-table.ts';
import { erasePerson } from './erase-person.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { proposalTable } from './proposal-table.ts';

const event: AuditEvent = { atMs: 1, action: 'approval.ask', facts: {}, personal: {} };

function proposal(id: string, what: string): ProposalRecord {
  return {
    ...{ id, operation: 'audit.erase', content: JSON.stringify({ name: what }), contentSha256: id, what: [what] },
    ...{ roles: ['root'], needed: 2, state: 'open', proposedAtMs: 1, expiresAtMs: 9 },
    consents: [{ person: 'uid:1', name: 'max', atMs: 1 }],
  };
}

test('what was decided names nobody who was erased', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, migrations, ':memory:', 0);
  const audit = auditTable(database);
  const table = proposalTable(database, audit);
  for (const [id, what] of [
    ['done', 'about zoe'],
    ['open', 'about zoe'],
    ['other', 'about zoes'],
  ] as const)
    table.propose(proposal(id, what), event);
  for (const id of ['done', 'other']) table.settleProposal(id, 'open', 'executed', undefined);
  const { eraseAuditPersonal } = erasePerson(database, audit);
  eraseAuditPersonal({ name: 'zoe' }, event);
  const whats = (): unknown => table.listProposals(0).map(({ id, what }) => [id, what[0]]);
  assert.deepEqual(whats(), [
    ['done', '(erased)'],
    ['open', 'about zoe'],
    ['other', 'about zoes'],
  ]);
  assert.equal(table.findProposal('done')?.content, 'null');
  eraseAuditPersonal({ actor: 'max' }, event);
  const names = table
    .listProposals(0)
    .map(({ id, consents }) => [id, consents[0]?.name, consents[0]?.person === 'uid:1']);
  assert.deepEqual(names, [
    ['done', '(erased)', false],
    ['open', 'max', true],
    ['other', '(erased)', false],
  ]);
  database.close();
});
