import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, issuer, service, verdictOf } from '../../../../../../tests/fixtures/asked-lists.ts';
import { generatePrivateKey, hourMs, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { entryFor, type ListRecipe, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import { encodeOid, encodeSequence } from '../../../ground/encoding/index.ts';
import type { CertificateList } from '../../x509/index.ts';

const complete = (recipe: ListRecipe = {}): CertificateList => makeList(issuer, { number: 5, ...recipe });
const delta = (recipe: ListRecipe = {}): CertificateList =>
  makeList(issuer, { number: 7, base: 5, thisUpdate: testMoment - hourMs / 4, ...recipe });

const revoking = { revoked: [entryFor(service, 'keyCompromise')] };
const holding = { revoked: [entryFor(service, 'certificateHold')] };
const releasing = { revoked: [entryFor(service, 'removeFromCRL')] };

/** Critical. */
const unknown = encodeSequence(encodeOid('2.25.1'), Uint8Array.of(1, 1, 0xff), Uint8Array.of(4, 2, 5, 0));

test('what the changes say stands: revoked, held, released', () => {
  assert.equal(answerOf([complete(), delta(revoking)]), 'revoked keyCompromise');
  assert.equal(answerOf([complete(), delta(holding)]), 'revoked certificateHold');
  assert.equal(answerOf([complete(holding), delta(releasing)]), 'good');
  assert.equal(answerOf([complete(holding), delta(revoking)]), 'revoked keyCompromise');
  assert.equal(answerOf([complete(revoking), delta()]), 'revoked keyCompromise');
  assert.equal(answerOf([complete(), delta()]), 'good');
});

test('of two entries for one certificate the one that revokes stands', () => {
  const twice = { revoked: [entryFor(service, 'removeFromCRL'), entryFor(service, 'keyCompromise')] };
  assert.equal(answerOf([complete(), delta(twice)]), 'revoked keyCompromise');
});

test('the answer names the changes, and is as old as they are', () => {
  const changes = delta();
  const verdict = verdictOf([complete(), changes]);
  assert.ok(verdict.status === 'good');
  assert.equal(verdict.used[0]?.delta, changes);
  assert.equal(verdict.used[0]?.ageMs, hourMs / 4);
});

test('changes are applied to their base and to what came after it, before them', () => {
  const numbers = (own: number, base: number, number: number): string =>
    answerOf([complete({ number: own }), delta({ base, number, ...revoking })]);
  assert.equal(numbers(5, 5, 7), 'revoked keyCompromise');
  assert.equal(numbers(6, 5, 7), 'revoked keyCompromise');
  assert.equal(numbers(4, 5, 7), 'good');
  assert.equal(numbers(7, 5, 7), 'good');
  assert.equal(numbers(0xff, 0xfe, 0x0100), 'revoked keyCompromise');
});

test('the newest changes are applied', () => {
  const newer = delta({ number: 9, thisUpdate: testMoment - hourMs / 8, ...releasing });
  assert.equal(answerOf([complete(holding), newer, delta(holding)]), 'good');
});

test('a complete list out of date is of use where changes to it are of their time', () => {
  const old = complete({ thisUpdate: testMoment - 2 * hourMs, nextUpdate: testMoment - hourMs });
  assert.equal(answerOf([old]), 'CS-CRL-004');
  assert.equal(answerOf([old, delta()]), 'good');
  assert.equal(answerOf([old, delta(revoking)]), 'revoked keyCompromise');
  assert.equal(answerOf([old, delta({ nextUpdate: testMoment - 1000 })]), 'CS-CRL-004');
  assert.equal(answerOf([old, delta({ key: generatePrivateKey('P-256') })]), 'CS-CRL-004');
});

test('changes that must not be applied are passed over', () => {
  const passed: Record<string, ListRecipe> = {
    'of another key': { key: generatePrivateKey('P-256') },
    'of another key under the right identifier': { key: generatePrivateKey('P-256'), identified: issuer.key },
    'under another identifier': { identified: generatePrivateKey('P-256') },
    'with an unknown critical extension': { moreExtensions: [unknown] },
    'of another scope': { scope: { only: 'user' } },
    'from the future': { thisUpdate: testMoment + 1000 },
    'out of date': { nextUpdate: testMoment - 1000 },
  };
  for (const [name, recipe] of Object.entries(passed)) {
    assert.equal(answerOf([complete(), delta({ ...revoking, ...recipe })]), 'good', name);
  }
  const scope = { only: 'user' } as const;
  assert.equal(answerOf([complete({ scope }), delta({ scope, ...revoking })]), 'revoked keyCompromise');
});

test('without their numbers changes and complete lists do not go together', () => {
  assert.equal(answerOf([{ ...complete(), crlNumber: undefined }, delta(revoking)]), 'good');
  assert.equal(answerOf([complete(), { ...delta(revoking), crlNumber: undefined }]), 'good');
});

test('changes alone decide nothing', () => {
  const verdict = verdictOf([delta(revoking)]);
  assert.ok(verdict.status === 'undetermined');
  assert.equal(verdict.refusal.code, 'CS-CRL-012');
  assert.equal(verdict.refusal.evidence['base'], '05');
});
