/** Identities, issuers' keys and holds in the state that the feed's messages build. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../../ground/errors/index.ts';
import type { ChangeMessage, StateMessage } from './feed-message.ts';
import { encodeFeedPayload, parseFeedPayload } from './feed-payload.ts';
import { RevocationState } from './revocation-state.ts';
import type { RevokedEntry } from './revoked-entry.ts';
import type { ReleasedEntry, RevokedIdentity, RevokedIssuer, ScopeSubject } from './revoked-scope.ts';

const issuerKey = 'ab'.repeat(32);
const numbered = (number: number, at: number) => ({
  authority: 'ef'.repeat(32),
  number,
  at,
  audit: { sequence: 1, hash: 'cd'.repeat(32) },
});

const state = (number: number, over: Partial<StateMessage> = {}): StateMessage => ({
  ...numbered(number, number * 1000),
  kind: 'state',
  revoked: [],
  bundle: { trustDomain: 'dev.internal', sequence: 1, anchors: ['pem'], intermediates: [] },
  leaseMs: 60_000,
  heartbeatMs: 5_000,
  ...over,
});

const change = (number: number, over: Partial<ChangeMessage> = {}): ChangeMessage => ({
  ...numbered(number, number * 1000),
  kind: 'change',
  revoked: [],
  ...over,
});

const entry = (serialNumber: string, reason: RevokedEntry['reason'] = 'certificateHold'): RevokedEntry => ({
  issuerKey,
  serialNumber,
  revokedAt: 1000,
  expiresAt: 10 ** 12,
  reason,
});

const released = (serialNumber: string): ReleasedEntry => ({ issuerKey, serialNumber, expiresAt: 10 ** 12 });

const identity: RevokedIdentity = {
  ...{ kind: 'identity', identity: 'spiffe://dev.internal/web', notBeforeUntil: 500, revokedAt: 1000 },
  ...{ expiresAt: 10 ** 12, reason: 'unspecified' },
};
const issuer: RevokedIssuer = {
  ...{ kind: 'issuer', issuerKey, revokedAt: 1000, expiresAt: 10 ** 12, reason: 'cACompromise' },
};

const subject = (over: { identity?: string; keys?: string[]; notBefore?: number } = {}): ScopeSubject => ({
  identity: over.identity ?? identity.identity,
  issuerKeys: () => over.keys ?? ['cd'.repeat(32)],
  notBefore: () => over.notBefore ?? 500,
});

test('an identity is revoked up to a moment, an issuer with everything under it', () => {
  const first = RevocationState.unknown.apply(state(1), 1000);
  const second = first.apply(change(2, { scopes: [identity, issuer] }), 2000);
  assert.equal(second.scopeOf(subject())?.kind, 'identity');
  assert.equal(second.scopeOf(subject({ notBefore: 501 })), undefined);
  assert.equal(second.scopeOf(subject({ identity: 'spiffe://dev.internal/db' })), undefined);
  assert.equal(second.scopeOf(subject({ identity: 'x', keys: ['cd'.repeat(32), issuerKey] }))?.kind, 'issuer');
  assert.equal(first.scopeOf(subject()), undefined, 'the earlier state is unchanged');
  assert.deepEqual(second.otherwiseSince(first).scopes, [identity, issuer]);
  assert.deepEqual(second.addedSince(first), []);
});

test('a whole state takes no identity back; what it lacks stays, and is known as lost', () => {
  const first = RevocationState.unknown.apply(state(1, { scopes: [identity, issuer] }), 1000);
  const second = first.apply(state(9, { scopes: [issuer] }), 9000);
  assert.deepEqual(second.lostScopes, [identity]);
  assert.equal(second.scopeOf(subject())?.kind, 'identity');
});

test('a hold ends by its release, in a change or in a whole state, and by nothing else', () => {
  const held = RevocationState.unknown.apply(state(1, { revoked: [entry('0A'), entry('0B', 'superseded')] }), 1000);
  assert.equal(held.isRevoked(issuerKey, '0A')?.reason, 'certificateHold');
  const free = held.apply(change(2, { released: [released('0A')] }), 2000);
  assert.equal(free.isRevoked(issuerKey, '0A'), undefined);
  assert.equal(held.isRevoked(issuerKey, '0A')?.reason, 'certificateHold', 'the earlier state is unchanged');
  assert.equal(free.otherwiseSince(held).released, true);
  const silent = held.apply(state(5), 5000);
  assert.equal(silent.isRevoked(issuerKey, '0A')?.reason, 'certificateHold', 'lost, not released');
  const told = held.apply(state(5, { released: [released('0A'), released('0B')] }), 5000);
  assert.equal(told.isRevoked(issuerKey, '0A'), undefined);
  assert.equal(told.isRevoked(issuerKey, '0B')?.reason, 'superseded', 'for good is for good');
});

test('a hold is made good, and never the other way', () => {
  const held = RevocationState.unknown.apply(state(1, { revoked: [entry('0A')] }), 1000);
  const good = held.apply(change(2, { revoked: [entry('0A', 'keyCompromise')] }), 2000);
  assert.equal(good.isRevoked(issuerKey, '0A')?.reason, 'keyCompromise');
  assert.deepEqual(good.addedSince(held), [entry('0A', 'keyCompromise')]);
  assert.equal(
    good.apply(change(3, { revoked: [entry('0A')] }), 3000).isRevoked(issuerKey, '0A')?.reason,
    'keyCompromise',
  );
});

test('they are read as strictly as the rest', () => {
  const message = change(2, { scopes: [identity, issuer], released: [released('0A')] });
  assert.deepEqual(parseFeedPayload(encodeFeedPayload(message)), message);
  const bad: unknown[] = [
    { ...message, scopes: [{ ...identity, identity: 'spiffe://dev.internal' }] },
    { ...message, scopes: [{ ...identity, identity: 'spiffe://dev.internal/a?b' }] },
    { ...message, scopes: [{ ...identity, issuerKey }] },
    { ...message, scopes: [{ ...issuer, kind: 'domain' }] },
    { ...message, scopes: [{ ...issuer, reason: 'because' }] },
    { ...message, released: [entry('0A')] },
    { ...message, released: {} },
  ];
  for (const value of bad)
    assert.throws(
      () => parseFeedPayload(new TextEncoder().encode(JSON.stringify(value))),
      (error) => isRefusal(error) && error.code === 'CS-FEED-001',
      JSON.stringify(value),
    );
});
