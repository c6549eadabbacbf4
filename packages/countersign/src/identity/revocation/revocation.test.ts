/** The feed's messages: signed, strict, bounded, in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePem } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { sha256, verifySignature } from '../../runtime/cryptography/index.ts';
import { extendedKeyUsages } from '../x509/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import {
  encodeFeedPayload,
  type FeedMessage,
  type FeedVerification,
  parseFeedPayload,
  RevocationState,
  type RevokedEntry,
  signFeedMessage,
  type StateMessage,
  verifyFeedMessage,
  withoutRevocation,
} from './index.ts';

const authority = new TestAuthority();
const pem = (der: Uint8Array): string => encodePem('CERTIFICATE', der);

const entry = (serialNumber: string): RevokedEntry => ({
  issuerKey: 'ab'.repeat(32),
  serialNumber,
  revokedAt: 1000,
  expiresAt: 2000,
  reason: 'superseded',
});

function stateOf(number: number, at: number = 1000, revoked: readonly RevokedEntry[] = []): StateMessage {
  return {
    kind: 'state',
    authority: authority.rootSha256,
    number,
    at,
    audit: { sequence: 1, hash: 'cd'.repeat(32) },
    revoked,
    bundle: {
      trustDomain: 'test.internal',
      sequence: 1,
      anchors: [pem(authority.root.raw)],
      intermediates: [pem(authority.issuer.raw)],
    },
    leaseMs: 60_000,
    heartbeatMs: 5_000,
  };
}

const changeOf = (number: number, at: number, ...revoked: readonly RevokedEntry[]): FeedMessage => ({
  kind: 'change',
  authority: authority.rootSha256,
  number,
  at,
  audit: { sequence: 1, hash: 'cd'.repeat(32) },
  revoked,
});
const heartbeatOf = (number: number, at: number): FeedMessage => ({
  kind: 'heartbeat',
  authority: authority.rootSha256,
  number,
  at,
  audit: { sequence: 1, hash: 'cd'.repeat(32) },
});

const verification: FeedVerification = {
  authority: authority.rootSha256,
  bundle: authority.bundle(),
  revocations: withoutRevocation,
  at: Date.now(),
  verifySignature,
  sha256,
};

function refusedWith(code: string): (error: unknown) => boolean {
  return (error) => isRefusal(error) && error.code === code;
}

test('a message of each kind comes back as it was signed, with each kind of key', () => {
  for (const keyType of ['P-256', 'P-384', 'Ed25519'] as const) {
    const signer = authority.feedSigner({ keyType });
    for (const message of [stateOf(3, 1000, [entry('0A')]), changeOf(4, 1000, entry('0B')), heartbeatOf(4, 1000)]) {
      assert.deepEqual(verifyFeedMessage(signFeedMessage(message, signer), verification), message);
    }
  }
});

test('a forged, truncated, foreign or unentitled message is refused by name', () => {
  const signed = signFeedMessage(heartbeatOf(1, 1000), authority.feedSigner());
  const [payload, signature, signer] = signed.split('.') as [string, string, string];
  const [otherPayload] = signFeedMessage(heartbeatOf(2, 1000), authority.feedSigner()).split('.') as [string];
  const refused: [string, string, string][] = [
    ['another payload', [otherPayload, signature, signer].join('.'), 'CS-FEED-002'],
    ['truncated', signed.slice(0, -40), 'CS-FEED-001'],
    ['two parts', [payload, signature].join('.'), 'CS-FEED-001'],
    ['an empty part', [payload, '', signer].join('.'), 'CS-FEED-001'],
    ['not base64url', `*${signed}`, 'CS-FEED-001'],
    ['many parts', [signed, ...Array<string>(6).fill('AA')].join('.'), 'CS-FEED-001'],
    [
      'a service signs',
      signFeedMessage(heartbeatOf(1, 1000), authority.feedSigner({ usages: [extendedKeyUsages.clientAuth] })),
      'CS-FEED-003',
    ],
    [
      'a service that may also sign',
      signFeedMessage(
        heartbeatOf(1, 1000),
        authority.feedSigner({ usages: [extendedKeyUsages.feedSigning, extendedKeyUsages.clientAuth] }),
      ),
      'CS-FEED-003',
    ],
    ['another authority signs', signFeedMessage(heartbeatOf(1, 1000), new TestAuthority().feedSigner()), 'CS-FEED-003'],
    ['expired', signFeedMessage(heartbeatOf(1, 1000), authority.feedSigner({ notAfterMs: -5000 })), 'CS-FEED-003'],
    [
      'of another root',
      signFeedMessage({ ...heartbeatOf(1, 1000), authority: '00'.repeat(32) }, authority.feedSigner()),
      'CS-FEED-004',
    ],
    [
      'a bundle of another trust domain',
      signFeedMessage(
        { ...stateOf(1), bundle: { ...stateOf(1).bundle, trustDomain: 'other.test' } },
        authority.feedSigner(),
      ),
      'CS-FEED-004',
    ],
  ];
  for (const [name, text, code] of refused)
    assert.throws(() => verifyFeedMessage(text, verification), refusedWith(code), name);
});

test('a revoked feed key is refused', () => {
  const revocations = { ...withoutRevocation, isRevoked: () => entry('0A') };
  const signed = signFeedMessage(heartbeatOf(1, 1000), authority.feedSigner());
  assert.throws(() => verifyFeedMessage(signed, { ...verification, revocations }), refusedWith('CS-FEED-003'));
});

test('a payload is read strictly', () => {
  const wrong: unknown[] = [
    null,
    [],
    {},
    { kind: 'other' },
    { ...heartbeatOf(1, 1), extra: 1 },
    { ...heartbeatOf(1, 1), number: -1 },
    { ...heartbeatOf(1, 1), number: 1.5 },
    { ...heartbeatOf(1, 1), number: '1' },
    { ...heartbeatOf(1, 1), authority: 'AB'.repeat(32) },
    { ...stateOf(1), leaseMs: 0 },
    { ...stateOf(1), leaseMs: 1e12 },
    { ...stateOf(1), bundle: { ...stateOf(1).bundle, anchors: [] } },
    { ...stateOf(1), revoked: [{ ...entry('0A'), serialNumber: '0a' }] },
    { ...stateOf(1), revoked: [{ ...entry('0A'), reason: 'because' }] },
    { ...changeOf(1, 1), bundle: null },
  ];
  for (const value of wrong) {
    assert.throws(
      () => parseFeedPayload(new TextEncoder().encode(JSON.stringify(value))),
      refusedWith('CS-FEED-001'),
      JSON.stringify(value),
    );
  }
  assert.throws(() => parseFeedPayload(Uint8Array.of(0xff, 0xfe)), refusedWith('CS-FEED-001'));
  assert.throws(() => encodeFeedPayload({ ...heartbeatOf(1, 1), number: -1 }), refusedWith('CS-FEED-001'));
});

test('changes add up, numbers never go back, and a gap is noticed', () => {
  const first = RevocationState.unknown.apply(stateOf(5, 1000, [entry('0A')]), 1000);
  assert.equal(first.freshUntil, 61_000);
  const second = first.apply(changeOf(6, 2000, entry('0B')), 2000);
  assert.equal(second.isRevoked('ab'.repeat(32), '0A')?.serialNumber, '0A');
  assert.equal(second.isRevoked('ab'.repeat(32), '0B')?.serialNumber, '0B');
  assert.equal(second.isRevoked('cd'.repeat(32), '0B'), undefined);
  assert.equal(first.isRevoked('ab'.repeat(32), '0B'), undefined, 'the earlier state is unchanged');
  assert.deepEqual(second.addedSince(first), [entry('0B')]);
  assert.equal(second.addedSince(RevocationState.unknown), undefined);
  assert.equal(second.freshUntil, 62_000);
  const third = second.apply(heartbeatOf(6, 9000), 9500);
  assert.equal(third.freshUntil, 69_000, "the lease counts from the authority's time");
  assert.deepEqual(third.addedSince(second), []);

  const refused: [FeedMessage, string][] = [
    [changeOf(6, 9000), 'CS-FEED-005'],
    [changeOf(8, 9000), 'CS-FEED-006'],
    [heartbeatOf(5, 9000), 'CS-FEED-005'],
    [heartbeatOf(7, 9000), 'CS-FEED-006'],
    [heartbeatOf(6, 8999), 'CS-FEED-005'],
    [stateOf(5, 9000), 'CS-FEED-005'],
    [stateOf(6, 8999), 'CS-FEED-005'],
  ];
  for (const [message, code] of refused)
    assert.throws(() => third.apply(message, 9000), refusedWith(code), JSON.stringify(message));
  for (const message of [changeOf(1, 1), heartbeatOf(0, 1)]) {
    assert.throws(() => RevocationState.unknown.apply(message, 1), refusedWith('CS-FEED-006'));
  }
});

test('an authority whose clock is ahead gets no longer lease', () => {
  assert.equal(RevocationState.unknown.apply(stateOf(1, 500_000), 1000).freshUntil, 61_000);
});

test('many changes are kept, each at the cost of what it brings', () => {
  let state = RevocationState.unknown.apply(stateOf(0), 1000);
  for (let number = 1; number <= 3000; number++) {
    state = state.apply(changeOf(number, 1000, entry(number.toString(16).toUpperCase().padStart(4, '0'))), 1000);
  }
  assert.equal([...state.entries()].length, 3000);
  assert.equal(state.isRevoked('ab'.repeat(32), '0001')?.reason, 'superseded');
  assert.equal(state.isRevoked('ab'.repeat(32), '0BB8')?.reason, 'superseded');
});

test('two histories from one state do not see each other', () => {
  const first = RevocationState.unknown.apply(stateOf(5, 1000, [entry('0A')]), 1000);
  const one = first.apply(changeOf(6, 2000, entry('0B')), 2000);
  const other = first.apply(changeOf(6, 2000, entry('0C')), 2000);
  const serials = (state: RevocationState): string[] => [...state.entries()].map(({ serialNumber }) => serialNumber);
  assert.deepEqual([serials(first), serials(one), serials(other)], [['0A'], ['0A', '0B'], ['0A', '0C']]);
});

const lasting = (serialNumber: string): RevokedEntry => ({ ...entry(serialNumber), expiresAt: 10 ** 12 });

test('what has expired is forgotten as changes come, and nothing else', () => {
  const expiring = { ...entry('0A'), expiresAt: 5_000 };
  let state = RevocationState.unknown.apply(stateOf(0, 1000, [expiring, lasting('0B')]), 1000);
  const late = 5_000 + 25 * 3_600_000;
  for (let number = 1; number <= 5; number++) state = state.apply(changeOf(number, late), late);
  assert.deepEqual(
    [...state.entries()].map(({ serialNumber }) => serialNumber),
    ['0B'],
  );
});

test('a whole state takes no revocation back: what it lacks stays until it expires', () => {
  const expired = { ...entry('0C'), expiresAt: 1_500 };
  const before = RevocationState.unknown.apply(stateOf(5, 1000, [lasting('0A'), lasting('0B'), expired]), 1000);
  const after = before.apply(stateOf(900, 2000, [lasting('0B'), lasting('0D')]), 2000);
  assert.deepEqual([after.number, after.lost], [900, [lasting('0A')]]);
  assert.deepEqual([...after.entries()].map(({ serialNumber }) => serialNumber).sort(), ['0A', '0B', '0D']);
  // Known to the authority again: nothing is lost.
  assert.deepEqual(after.apply(stateOf(901, 3000, [lasting('0A')]), 3000).lost, [lasting('0B'), lasting('0D')]);
});
