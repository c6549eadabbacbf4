import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSigned } from '../encode.ts';
import { crlNumberExtension, encodeName, encodeTbsCertList, parseCertificateList } from '../index.ts';
import { testMoment } from '../../../../../../tests/fixtures/certificates.ts';

const count = 100_000;

function serialNumber(index: number, last: Uint8Array): Uint8Array {
  const octets = new Uint8Array(16).fill(0x40);
  new DataView(octets.buffer).setUint32(4, index);
  octets.set(last, 12);
  return octets;
}

function listOf(lastOctets: (index: number) => Uint8Array): Uint8Array {
  const tbs = encodeTbsCertList({
    signatureAlgorithm: 'Ed25519',
    issuer: encodeName({ commonName: 'large' }),
    thisUpdate: testMoment,
    nextUpdate: testMoment,
    extensions: [crlNumberExtension(1)],
    revoked: Array.from({ length: count }, (_, index) => ({
      serialNumber: serialNumber(index, lastOctets(index)),
      revocationDate: testMoment + 1000 * index,
      reason: index % 2 === 0 ? 'superseded' : 'keyCompromise',
    })),
  });
  return encodeSigned(tbs, 'Ed25519', new Uint8Array(64));
}

function quickest<T>(act: () => T): { ms: number; value: T } {
  const runs = Array.from({ length: 3 }, () => {
    const start = performance.now();
    const value = act();
    return { ms: performance.now() - start, value };
  });
  return runs.reduce((best, run) => (run.ms < best.ms ? run : best));
}

const hex = (index: number, last: Uint8Array): string => Buffer.from(serialNumber(index, last)).toString('hex');

test('100,000 entries are read in a fraction of a second, and one is found at once', (t) => {
  const last = (index: number): Uint8Array => Uint8Array.of(index, index >> 8, index >> 16, 7);
  const der = listOf(last);
  const { ms, value: list } = quickest(() => parseCertificateList(der));
  const wanted = hex(77_777, last(77_777)).toUpperCase();
  const { ms: findMs, value: found } = quickest(() => list.revoked.find(wanted));
  t.diagnostic(`${String(der.length)} octets: read in ${ms.toFixed(0)} ms, one found in ${findMs.toFixed(2)} ms`);
  assert.equal(list.revoked.size, count);
  assert.equal(found.length, 1);
  assert.equal(found[0]?.revocationDate, testMoment + 77_777_000);
  assert.equal(found[0].reason, 'keyCompromise');
  // Several times what was measured, for a busy machine.
  assert.ok(ms < 1000, `${String(ms)} ms`);
  assert.ok(findMs < 10, `${String(findMs)} ms`);
});

test('serial numbers chosen to collide cost no more than a comparison each', (t) => {
  const last = (): Uint8Array => new Uint8Array(4);
  const list = parseCertificateList(listOf(last));
  const { ms, value: found } = quickest(() => list.revoked.find(hex(99_999, last())));
  t.diagnostic(`one of 100,000 found in ${ms.toFixed(1)} ms`);
  assert.equal(found.length, 1);
  assert.ok(ms < 500, `${String(ms)} ms`);
});
