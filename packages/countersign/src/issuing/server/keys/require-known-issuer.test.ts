/** Which issuer a start takes for known, by what the audit log tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../../ground/clock/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { type AuditAction, type AuditFacts, auditEvent, memoryJournal } from '../../../runtime/audit/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import { createAuthority } from '../../authority/index.ts';
import { requireKnownIssuer } from './require-known-issuer.ts';

const place = { trustDomain: 'corp.internal', ownerUid: 1000 };
const keys = createAuthority({ trustDomain: 'corp.internal', clock: manualClock(Date.parse('2026-11-21T08:00:00Z')) });
const issuer = sha256Hex(keys.issuer.certificate.raw);
const { issuerKey } = keys.issuer;

type Entry = readonly [AuditAction, AuditFacts];

async function start(log: readonly Entry[], persons: 1 | 2): Promise<string> {
  const audit = memoryJournal();
  audit.write(
    log.map(([action, facts]) => auditEvent(action, { atMs: 0, actor: { kind: 'authority', name: '' }, facts })),
  );
  const administrators = { certificates: { carol: ['root'], dave: ['root'] }, ...(persons === 1 && { persons }) };
  const content = JSON.stringify({ administrators });
  const settings = { accepted: () => Promise.resolve({ content, acceptedAtMs: 0 }) };
  try {
    await requireKnownIssuer({ dir: '/state', place, keys, settings, audit });
    return 'known';
  } catch (error) {
    assert.ok(isRefusal(error) && error.code === 'CS-APPROVAL-007', String(error));
    assert.equal(error.evidence['issuer'], issuer);
    return (error.evidence['known'] as string[]).join(' ');
  }
}

const other: Entry = ['issuer.rotate', { issuer: 'other' }];
const ours: Entry = ['authority.start', { issuer, issuerKey }];

test('the one of the last start is known, and each that was taken in since', async () => {
  assert.equal(await start([ours], 2), 'known');
  // Told before it is done: a crash may have come between.
  assert.equal(await start([ours, other], 2), 'known');
  assert.equal(
    await start([['authority.start', { issuer: 'first' }], ['issuer.rotate', { issuer }], other], 2),
    'known',
  );
  assert.equal(await start([['issuer.import', { issuer }]], 2), 'known');
  assert.equal(await start([ours, ['backup.restore', {}], ['token.create', {}]], 2), 'known');
  assert.equal(await start([], 2), 'known');
});

test('one that was replaced before the last start is not, nor one that the log never told of', async () => {
  const next: Entry = ['authority.start', { issuer: 'other', issuerKey: 'otherKey' }];
  assert.equal(await start([ours, other, next], 2), 'other');
  assert.equal(await start([other, next], 2), 'other');
  assert.equal(await start([next, ['issuer.rotate', { issuer: 'third' }]], 2), 'third other');
  assert.equal(await start([ours, other, next], 1), 'known');
});

test('a start of an earlier version tells the key, which is compared', async () => {
  assert.equal(await start([['authority.start', { issuerKey }]], 2), 'known');
  assert.equal(await start([['authority.start', { issuerKey: 'k' }]], 2), 'a certificate for the key k');
  // Another certificate for the same key is another issuer, where it is known which it was.
  assert.equal(await start([['authority.start', { issuer: 'other', issuerKey }]], 2), 'other');
});
