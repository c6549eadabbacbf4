/** What an endpoint remembers is believed where the authority has signed it, and nothing else is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { signFeedMessage } from '../../identity/revocation/index.ts';
import { extendedKeyUsages } from '../../identity/x509/index.ts';
import { TestAuthority, type TestCertificate } from '../../surfaces/testing/index.ts';
import { sortWitnesses, type WitnessFile } from './witness-files.ts';

const authority = new TestAuthority();
const hierarchy = { trustDomain: authority.trustDomain, roots: [authority.root] };
const at = Date.now();
const hash = 'cd'.repeat(32);

function remembered(signedBy: TestAuthority = authority, signer: TestCertificate = {}): WitnessFile {
  const { rootSha256 } = authority;
  const facts = { kind: 'heartbeat', authority: rootSha256, number: 1, at, audit: { sequence: 7, hash } } as const;
  const key = { ...signedBy.feedSigner(signer), intermediates: [signedBy.issuer.raw] };
  return { name: 'a', authority: rootSha256, sequence: 7, hash, atMs: at, message: signFeedMessage(facts, key) };
}

const why = (file: WitnessFile): string | undefined => sortWitnesses([file], hierarchy).unproven[0]?.why;

test('a head that the authority has signed is a witness', () => {
  const file = remembered();
  assert.deepEqual(sortWitnesses([file], hierarchy), { witnesses: [file], unproven: [], others: [] });
});

test('a head that its message does not say proves nothing', () => {
  const file = remembered();
  assert.match(why({ ...file, hash: 'ef'.repeat(32) }) ?? '', /says entry 7, cdcd/);
  assert.match(why({ ...file, sequence: 6 }) ?? '', /says entry 7/);
  assert.match(why({ ...file, atMs: at - 1 }) ?? '', /says entry 7/);
});

test('a message that the feed has not signed proves nothing', () => {
  const file = remembered();
  const [payload, , ...rest] = file.message.split('.');
  const [, signature] = remembered(authority, { keyType: 'Ed25519' }).message.split('.');
  assert.match(why({ ...file, message: [payload, signature, ...rest].join('.') }) ?? '', /CS-FEED-002/);
  assert.match(why({ ...file, message: 'a.b.c' }) ?? '', /CS-FEED-001/);
  assert.match(why(remembered(new TestAuthority())) ?? '', /CS-FEED-003/);
  assert.match(why(remembered(authority, { usages: [extendedKeyUsages.clientAuth] })) ?? '', /CS-FEED-003/);
});

test("another authority's witness is neither", () => {
  const file = { ...remembered(), authority: 'ab'.repeat(32) };
  assert.deepEqual(sortWitnesses([file], hierarchy), { witnesses: [], unproven: [], others: [file] });
});
