/** What parseCertificate refuses is still read to be looked at, with the rules that it breaks, and is no Certificate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatBytes,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOid,
  encodeOctetString,
  encodeSequence,
  encodeTime,
  fromHex,
  tags,
} from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { makeRoot, makeService, testMoment } from '../../../../../tests/fixtures/certificates.ts';
import { type Certificate, encodeName, inspectCertificate, parseCertificate, validatePath } from './index.ts';

const root = makeRoot();
const algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
const name = encodeName({ commonName: 'old' });
const unsigned = encodeBitString(encodeSequence(encodeInteger(1), encodeInteger(1)));

function build({ version, serial, extensions }: Partial<Record<'version' | 'serial' | 'extensions', Uint8Array>>) {
  const none = new Uint8Array();
  const validity = encodeSequence(encodeTime(testMoment), encodeTime(testMoment));
  const { raw } = root.key.publicKey;
  const fields = [
    version ?? none,
    serial ?? encodeInteger(7),
    algorithm,
    name,
    validity,
    name,
    raw,
    extensions ?? none,
  ];
  return encodeSequence(encodeSequence(concatBytes(fields)), algorithm, unsigned);
}

const integer = (hex: string): Uint8Array => encodeElement(tags.integer, fromHex(hex) ?? new Uint8Array());
const version = (number: number): Uint8Array => encodeExplicit(0, encodeInteger(number));

function facts(der: Uint8Array): [version: number, serial: string, faults: readonly string[]] {
  assert.throws(() => parseCertificate(der), isRefusal);
  const { version: number, serialNumber, faults } = inspectCertificate(der);
  return [number, serialNumber, faults];
}

test('a sound certificate: what parseCertificate says, without a fault', () => {
  const { raw } = makeService(root, {}).certificate;
  const { tbs, ...parsed } = parseCertificate(raw);
  assert.deepEqual(inspectCertificate(raw), { ...parsed, version: 3, signed: tbs, faults: [] });
});

test('versions 1 and 2', () => {
  const one = build({});
  assert.deepEqual(facts(one), [1, '07', ['version 1 certificate; version 3 is needed (4.1.2.1)']]);
  const read = inspectCertificate(one);
  assert.deepEqual([read.subject.text, read.notAfter, read.extensions.length], ['CN=old', testMoment, 0]);
  assert.deepEqual(facts(build({ version: version(1) })), [2, '07', ['version other than 3 (4.1.2.1)']]);
});

test('version 3 without extensions, and serial numbers of old authorities', () => {
  assert.deepEqual(facts(build({ version: version(2) })), [3, '07', ['no extensions']]);
  const serials: readonly (readonly [string, string, string])[] = [
    ['00', '00', 'serial number zero (4.1.2.2)'],
    ['fb', '-05', 'serial number negative (4.1.2.2)'],
    ['ff7f', '-81', 'serial number negative (4.1.2.2)'],
    [`7f${'ff'.repeat(20)}`, `7F${'FF'.repeat(20)}`, 'serial number longer than 20 octets (4.1.2.2)'],
  ];
  for (const [octets, text, rule] of serials) {
    assert.deepEqual(facts(build({ version: version(2), serial: integer(octets) })), [
      3,
      text,
      [rule, 'no extensions'],
    ]);
  }
});

test('an extension that is broken is a fault, and says nothing', () => {
  const keyUsage = encodeSequence(encodeOid('2.5.29.15'), encodeOctetString(integer('01')));
  const der = build({ version: version(2), extensions: encodeExplicit(3, encodeSequence(keyUsage)) });
  const [, , faults] = facts(der);
  assert.equal(faults.length, 1);
  assert.match(faults[0] ?? '', /^extension 2\.5\.29\.15 is broken: /);
  assert.equal(inspectCertificate(der).keyUsage, undefined);
});

test('what is no DER is refused as ever', () => {
  assert.throws(
    () => inspectCertificate(build({}).subarray(0, 60)),
    (error) => isRefusal(error) && error.code === 'CS-DER-001',
  );
});

test('it is no Certificate: path validation does not take it', () => {
  const inspected = inspectCertificate(root.certificate.raw);
  // @ts-expect-error -- without tbs there is nothing to verify
  const certificate: Certificate = inspected;
  const verifySignature = (): boolean => true;
  const rest = { intermediates: [], at: testMoment, purpose: 'any', verifySignature } as const;
  // @ts-expect-error -- the same, where it matters
  assert.equal(typeof (() => validatePath({ leaf: inspected, anchors: [root.certificate], ...rest })), 'function');
  assert.ok(!('tbs' in certificate));
});
