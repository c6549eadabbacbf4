import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, issuer, listQuestion, service } from '../../../../../../tests/fixtures/asked-lists.ts';
import { makeService, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import {
  encodeExplicit,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeTime,
} from '../../../ground/encoding/index.ts';
import { type CertificateList, encodeSigned, parseCertificateList } from '../../x509/index.ts';
import { checkPathByLists, HeldLists } from '../index.ts';

/** ecdsa-with-SHA256. */
const algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));

/** What no encoder of ours writes: a list of version 1, or without nextUpdate. */
function oldList(
  version: 1 | 2,
  nextUpdate: number | undefined,
  revoked: Uint8Array = new Uint8Array(),
): CertificateList {
  const tbs = encodeSequence(
    ...(version === 1 ? [] : [encodeInteger(1)]),
    algorithm,
    issuer.certificate.subject.raw,
    encodeTime(testMoment - 1000),
    ...(nextUpdate === undefined ? [] : [encodeTime(nextUpdate)]),
    ...(revoked.length === 0 ? [] : [encodeSequence(encodeSequence(revoked, encodeTime(testMoment - 1000)))]),
    ...(version === 1
      ? []
      : [encodeExplicit(0, encodeSequence(encodeSequence(encodeOid('2.5.29.20'), Uint8Array.of(4, 3, 2, 1, 1))))]),
  );
  return parseCertificateList(encodeSigned(tbs, 'ecdsa-with-SHA256', issuer.key.sign(tbs)));
}

test('a list of version 1 is a complete list', () => {
  assert.equal(answerOf([oldList(1, testMoment + 1000)]), 'good');
  const entry = encodeInteger(Uint8Array.from(Buffer.from(service.certificate.serialNumber, 'hex')));
  assert.equal(answerOf([oldList(1, testMoment + 1000, entry)]), 'revoked unspecified');
});

test('a list that does not say how long it holds is of use under a limit of age alone', () => {
  const list = oldList(2, undefined);
  assert.equal(answerOf([list]), 'CS-CRL-004');
  assert.equal(answerOf([list], { mostAgeMs: 1000 }), 'good');
  assert.equal(answerOf([list], { mostAgeMs: 999 }), 'CS-CRL-004');
});

test('an extension that nobody knows makes a list useless where it is critical', () => {
  const extension = (critical: boolean): Uint8Array =>
    encodeSequence(encodeOid('2.25.1'), ...(critical ? [Uint8Array.of(1, 1, 0xff)] : []), Uint8Array.of(4, 2, 5, 0));
  assert.equal(answerOf([makeList(issuer, { moreExtensions: [extension(false)] })]), 'good');
  assert.equal(answerOf([makeList(issuer, { moreExtensions: [extension(true)] })]), 'CS-CRL-009');
});

test('one of a hundred thousand is looked up in microseconds, whether it is there or not', (t) => {
  const count = 100_000;
  const serialOf = (index: number): Uint8Array => {
    const octets = new Uint8Array(16).fill(0x40);
    new DataView(octets.buffer).setUint32(12, Math.imul(index, 2654435761) >>> 0);
    return octets;
  };
  function* entries(): Generator<{ serialNumber: Uint8Array; revocationDate: number }> {
    for (let index = 0; index < count; index++) yield { serialNumber: serialOf(index), revocationDate: testMoment };
  }
  const list = makeList(issuer, { revoked: entries() });
  const lists = [...listQuestion([]).lists.completeOf(issuer.certificate.issuer), list];
  const ask = (leaf: typeof service) =>
    checkPathByLists({ ...listQuestion([], { leaf }), lists: new HeldLists(lists) });
  assert.equal(ask(makeService(issuer, { serialNumber: serialOf(77_777) })).refusal?.code, 'CS-CRL-002');
  assert.equal(ask(service).refusal, undefined);
  const texts = Array.from({ length: 1000 }, (_, index) => Buffer.from(serialOf(count + index)).toString('hex'));
  const microseconds = Math.min(
    ...Array.from({ length: 5 }, () => {
      const start = performance.now();
      for (const text of texts) list.revoked.find(text);
      return performance.now() - start;
    }),
  );
  t.diagnostic(`${microseconds.toFixed(2)} microseconds`);
  // Many times what was measured, and a hundredth of what a search from the beginning costs.
  assert.ok(microseconds < 20, String(microseconds));
});
