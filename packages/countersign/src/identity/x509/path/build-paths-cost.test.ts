import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRoot, makeService, testMoment, verifySignature } from '../../../../../../tests/fixtures/certificates.ts';
import { DerReader } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { type Certificate, type DistinguishedName, encodeName, readName, validatePath } from '../index.ts';

const root = makeRoot();
const leaf = makeService(root).certificate;

function named(commonName: string): DistinguishedName {
  return readName(DerReader.over(encodeName({ commonName })));
}

/** Certificates that each name the next one as issuer, the last of them the root. */
function chain(length: number): Certificate[] {
  const names = Array.from({ length }, (_, number) => named(`authority ${number.toString().padStart(6, '0')}`));
  return names.map((subject, number) => {
    const raw = Uint8Array.from(leaf.raw);
    new DataView(raw.buffer).setUint32(raw.length - 4, number);
    return { ...leaf, raw, subject, issuer: names[number + 1] ?? root.certificate.subject };
  });
}

/** Microseconds of the processor for a path that none of `intermediates` is part of; the least of three. */
function cost(intermediates: readonly Certificate[]): number {
  const stranger = { ...leaf, issuer: named('nobody') };
  const ask = (): number => {
    const before = process.cpuUsage();
    assert.throws(
      () =>
        validatePath({
          leaf: stranger,
          intermediates,
          anchors: [root.certificate],
          at: testMoment,
          purpose: 'client',
          verifySignature,
        }),
      (error) => isRefusal(error) && error.code === 'CS-PATH-001',
    );
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  return Math.min(ask(), ask(), ask());
}

test('certificates by the thousand, each the issuer of another, cost what their bytes cost', () => {
  const [few, many] = [cost(chain(500)), cost(chain(4000))];
  // Eight times as many; compared each with each, they took 64 times as long, four seconds.
  assert.ok(many < 8 * 3 * Math.max(few, 20_000), `${many} µs after ${few} µs`);
});

test('certificates that differ in their last octets alone cost no more', () => {
  const alike = chain(4000).map((certificate) => ({ ...certificate, issuer: named('nobody else') }));
  const [few, many] = [cost(alike.slice(0, 500)), cost(alike)];
  assert.ok(many < 8 * 3 * Math.max(few, 20_000), `${many} µs after ${few} µs`);
});
