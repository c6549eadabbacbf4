import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerOf,
  issuer,
  listQuestion,
  root,
  rootList,
  service,
  verdictOf,
} from '../../../../../../tests/fixtures/asked-lists.ts';
import { hourMs, makeService, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { entryFor, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import { refuses } from '../../../../../../tests/fixtures/paths.ts';
import {
  accessMethods,
  authorityInfoAccessExtension,
  type CertificateList,
  crlDistributionPointsExtension,
  noRevAvailExtension,
} from '../../x509/index.ts';
import { checkPathByLists, HeldLists } from '../index.ts';

const second = 1000;

test('a list says good, revoked with its reason and its time, or held', () => {
  assert.equal(answerOf([makeList(issuer)]), 'good');
  assert.equal(answerOf([makeList(issuer, { revoked: [entryFor(service)] })]), 'revoked unspecified');
  assert.equal(
    answerOf([makeList(issuer, { revoked: [entryFor(service, 'keyCompromise')] })]),
    'revoked keyCompromise',
  );
  const held = verdictOf([makeList(issuer, { number: 7, revoked: [entryFor(service, 'certificateHold')] })]);
  assert.ok(held.status === 'revoked');
  assert.equal(held.revokedAt, testMoment - hourMs / 2);
  refuses(
    () => {
      throw held.refusal;
    },
    'CS-CRL-002',
    {
      subject: 'CN=service',
      serialNumber: service.certificate.serialNumber,
      revokedAt: '2026-06-01T11:30:00Z',
      reason: 'certificateHold',
      list: 'CN=test issuer, number 07',
      thisUpdate: '2026-06-01T11:00:00Z',
    },
  );
});

test('each certificate of the path is asked about, and the report names the first revoked from the anchor', () => {
  const lists = (...of: Parameters<typeof makeList>[]): HeldLists => new HeldLists(of.map((one) => makeList(...one)));
  const asked = listQuestion([]);
  const both = checkPathByLists({
    ...asked,
    lists: lists([root, { revoked: [entryFor(issuer, 'cACompromise')] }], [issuer, { revoked: [entryFor(service)] }]),
  });
  assert.deepEqual(
    both.verdicts.map(({ verdict }) => verdict.status),
    ['revoked', 'revoked'],
  );
  assert.equal(both.refusal?.evidence['subject'], 'CN=test issuer');
  const missing = checkPathByLists({ ...asked, lists: lists([issuer]) });
  assert.deepEqual(
    missing.verdicts.map(({ verdict }) => verdict.status),
    ['good', 'undetermined'],
  );
  assert.equal(missing.refusal?.code, 'CS-CRL-003');
  // What is revoked says more than what is not known, wherever it stands.
  const worst = checkPathByLists({ ...asked, lists: lists([issuer, { revoked: [entryFor(service)] }]) });
  assert.equal(worst.refusal?.code, 'CS-CRL-002');
});

test('a list has its time: to its last second, not before it was made, and not beyond the limit of age', () => {
  const list = makeList(issuer, { thisUpdate: testMoment - hourMs, nextUpdate: testMoment });
  const at = (moment: number, more = {}): string => answerOf([list], { at: moment, ...more });
  assert.equal(at(testMoment), 'good');
  assert.equal(at(testMoment + 1), 'CS-CRL-004');
  assert.equal(at(testMoment - hourMs), 'good');
  assert.equal(at(testMoment - hourMs - second), 'CS-CRL-005');
  assert.equal(at(testMoment - hourMs - second, { clockDifferenceMs: second }), 'good');
  assert.equal(at(testMoment - second, { mostAgeMs: hourMs }), 'good');
  assert.equal(at(testMoment - second, { mostAgeMs: hourMs / 2 }), 'CS-CRL-004');
  // The limit never makes a list last longer than it says.
  assert.equal(at(testMoment + 1, { mostAgeMs: 2 * hourMs }), 'CS-CRL-004');
  assert.throws(() => at(Number.NaN), TypeError);
  assert.throws(() => at(testMoment, { mostAgeMs: Number.NaN }), TypeError);
});

test('a list out of date decides nothing, and what it said is told to those who would let in what is not known', () => {
  const nextUpdate = testMoment - second;
  const lastKnown = (list: CertificateList): string | undefined => {
    const verdict = verdictOf([list]);
    assert.ok(verdict.status === 'undetermined');
    return verdict.lastKnown?.reason;
  };
  const revoked = [entryFor(service, 'keyCompromise')];
  assert.equal(lastKnown(makeList(issuer, { nextUpdate, revoked })), 'keyCompromise');
  assert.equal(lastKnown(makeList(issuer, { nextUpdate })), undefined);
  // Whoever signed it.
  assert.equal(lastKnown(makeList(issuer, { nextUpdate, revoked, key: root.key })), undefined);
});

test('an answer says which list decided, how old it was and until when it holds', () => {
  const list = makeList(issuer, { nextUpdate: testMoment + hourMs / 4 });
  const verdict = verdictOf([list]);
  assert.ok(verdict.status === 'good');
  assert.equal(verdict.used[0]?.list, list);
  assert.equal(verdict.used[0]?.signer, issuer.certificate);
  assert.equal(verdict.used[0]?.ageMs, hourMs);
  assert.equal(verdict.freshUntil, testMoment + hourMs / 4);
  assert.equal(checkPathByLists(listQuestion([list])).freshUntil, testMoment + hourMs / 4);
});

test('the newest of several lists decides, whatever their order', () => {
  const older = makeList(issuer, { number: 1, revoked: [entryFor(service, 'certificateHold')] });
  const newer = makeList(issuer, { number: 2, thisUpdate: testMoment - hourMs / 2 });
  assert.equal(answerOf([older, newer]), 'good');
  assert.equal(answerOf([newer, older]), 'good');
  const revoked = makeList(issuer, { number: 3, thisUpdate: testMoment - hourMs / 4, revoked: [entryFor(service)] });
  assert.equal(answerOf([newer, revoked, older]), 'revoked unspecified');
  // It is the time that counts: numbers may begin anew with another key.
  const renumbered = makeList(issuer, { number: 1, thisUpdate: testMoment - hourMs / 8 });
  assert.equal(answerOf([revoked, renumbered]), 'good');
  // Of the same second the higher number is the newer.
  const sameSecond = makeList(issuer, { number: 0x0100, revoked: [entryFor(service)] });
  assert.equal(answerOf([makeList(issuer, { number: 0xff }), sameSecond]), 'revoked unspecified');
  // A newer one that must not be used leaves the word to the older one.
  const future = makeList(issuer, { number: 4, thisUpdate: testMoment + second });
  assert.equal(answerOf([future, newer]), 'good');
});

test('without a list of the issuer nothing is known', () => {
  const verdict = verdictOf([]);
  assert.ok(verdict.status === 'undetermined');
  assert.equal(verdict.refusal.code, 'CS-CRL-003');
  assert.deepEqual(verdict.refusal.evidence, { subject: 'CN=service', issuer: 'CN=test issuer', lists: 1 });
});

test('noRevAvail exempts, unless the certificate contradicts it (RFC 9608)', () => {
  const marked = (...more: Uint8Array[]): string =>
    answerOf([], { leaf: makeService(issuer, { moreExtensions: [noRevAvailExtension(), ...more] }) });
  assert.equal(marked(), 'good');
  assert.equal(marked(crlDistributionPointsExtension([{ fullName: { uri: ['http://a/'] } }])), 'CS-CRL-003');
  const responder = authorityInfoAccessExtension([{ method: accessMethods.ocsp, location: { uri: ['http://a/'] } }]);
  assert.equal(marked(responder), 'CS-CRL-003');
});

test('a signature is verified once for a list and a key', () => {
  let verified = 0;
  const question = listQuestion([makeList(issuer)]);
  const counting = {
    ...question,
    verifySignature: (...args: Parameters<typeof question.verifySignature>) => {
      verified++;
      return question.verifySignature(...args);
    },
  };
  checkPathByLists(counting);
  checkPathByLists(counting);
  assert.equal(verified, 2);
  assert.equal(rootList.revoked.size, 0);
});
