import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Holder,
  hourMs,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
} from '../../../../../tests/fixtures/certificates.ts';
import {
  issuerKeyOf,
  RevocationState,
  type RevokedEntry,
  type RevokedScope,
  type StateMessage,
} from '../../identity/revocation/index.ts';
import type { ExaminedPath } from '../../identity/x509/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';
import { askFeed } from './ask-feed.ts';

const root = makeRoot();
const corporate = makeIssuer(root, { subject: 'corporate' });
const issuer = makeIssuer(corporate, { subject: 'issuer' });
const leaf = makeService(issuer, { subject: 'web', names: { uri: ['spiffe://dev.internal/web'] } });
const keyOf = ({ certificate }: Holder): string => issuerKeyOf(certificate, sha256);

const path: ExaminedPath = {
  certificates: [leaf, issuer, corporate, root].map(({ certificate }) => certificate),
  anchor: root.certificate,
  checks: [],
  refusal: undefined,
};

const until = { revokedAt: testMoment - hourMs, expiresAt: testMoment + hourMs, reason: 'unspecified' } as const;

/** What is said of each of them that is no anchor: the status, and the code where it is not good. */
interface Told {
  readonly revoked?: readonly RevokedEntry[];
  readonly scopes?: readonly RevokedScope[];
}

function said({ revoked = [], scopes = [] }: Told = {}, { at = testMoment, anchor = root } = {}): string[] {
  const message: StateMessage = {
    ...{ kind: 'state', authority: '', number: 3, at: testMoment - 1_000, leaseMs: hourMs, heartbeatMs: 5_000 },
    ...{
      audit: { sequence: 1, hash: '' },
      bundle: { trustDomain: '', sequence: 1, anchors: [], intermediates: [] },
      revoked,
      scopes,
    },
  };
  const state = RevocationState.unknown.apply(message, testMoment - 1_000);
  const bundle = {
    ...{ trustDomain: 'dev.internal', anchors: [anchor.certificate], sequence: 1 },
    intermediates: [issuer.certificate, corporate.certificate],
  };
  return [0, 1, 2].map((index) => {
    const answer = askFeed({ socket: 'authority.sock', state, bundle }, path, index, at);
    return answer.status === 'good' ? 'good' : `${answer.status} ${answer.refusal.code}`;
  });
}

const notTold = 'undetermined CS-PEER-021';

test('what its issuer issued, and the issuer, are told of; a corporate authority above is not', () => {
  assert.deepEqual(said(), ['good', 'good', notTold]);
  assert.deepEqual(said({}, { anchor: makeRoot() }), [notTold, notTold, notTold]);
});

test('when the lease has ended nothing is good any more', () => {
  const ended = 'undetermined CS-PEER-010';
  assert.deepEqual(said({}, { at: testMoment + hourMs }), [ended, ended, notTold]);
});

test('revoked by its serial, by its identity, by the key of an issuer of its path; held', () => {
  const serial = { issuerKey: keyOf(issuer), serialNumber: leaf.certificate.serialNumber };
  const revoked = 'revoked CS-PEER-008';
  assert.deepEqual(said({ revoked: [{ ...serial, ...until }] }), [revoked, 'good', notTold]);
  const hold = { ...serial, ...until, reason: 'certificateHold' } as const;
  assert.deepEqual(said({ revoked: [hold] }), ['revoked CS-PEER-020', 'good', notTold]);
  assert.deepEqual(said({ revoked: [{ ...hold, issuerKey: keyOf(root) }] }), ['good', 'good', notTold]);
  const identity = { kind: 'identity', identity: 'spiffe://dev.internal/web', ...until } as const;
  assert.deepEqual(said({ scopes: [{ ...identity, notBeforeUntil: testMoment }] }), [revoked, 'good', notTold]);
  const earlier = { ...identity, notBeforeUntil: leaf.certificate.notBefore - 1 };
  assert.deepEqual(said({ scopes: [earlier] }), ['good', 'good', notTold]);
  const byKey = { kind: 'issuer', issuerKey: keyOf(issuer), ...until } as const;
  assert.deepEqual(said({ scopes: [byKey] }), [revoked, revoked, notTold]);
});
