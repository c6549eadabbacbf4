import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeOctetString } from '../../../ground/encoding/index.ts';
import { bytesOf, extensionOf, readWhole, refusesValue } from '../../../../../../tests/fixtures/extension-values.ts';
import { certificateTimestampsExtension, readCertificateTimestamps } from '../index.ts';

const logId = 'b73efb24df9c4dba75f239c5ba58f46c5dfc42cf7a9f35c49e1d098125edb499';
/** Version 1, a log, 2023-05-29T18:52:51Z, no extensions, ECDSA with SHA-256, a signature of three octets. */
const timestamp = `00 ${logId} 00000188 68db2100 0000 0403 0003 010203`;

const list = (hex: string): Uint8Array => encodeOctetString(bytesOf(hex));

test('a timestamp says which log, when, and signed how', () => {
  assert.deepEqual(readWhole(list(`0034 0032 ${timestamp}`), readCertificateTimestamps), [
    {
      logId,
      timestamp: 0x18868db2100,
      extensions: new Uint8Array(),
      signatureAlgorithm: 'ecdsa-sha256',
      signature: Uint8Array.of(1, 2, 3),
    },
  ]);
});

test('a version that is not known is kept whole', () => {
  assert.deepEqual(readWhole(list('0005 0003 01 aabb'), readCertificateTimestamps), [
    { version: 2, raw: Uint8Array.of(1, 0xaa, 0xbb) },
  ]);
});

test('lengths fit, and nothing is left over', () => {
  const refuses = (hex: string, rule: string): void => refusesValue(list(hex), readCertificateTimestamps, rule, 0);
  refuses('', 'a timestamp list that is cut off');
  refuses('00', 'a timestamp list that is cut off');
  refuses('0000', 'a list without timestamps');
  refuses('0002 0000', 'a timestamp list that is cut off');
  refuses('0003 0001', 'a timestamp list that is cut off');
  refuses('0001 00', 'a timestamp list that is cut off');
  refuses(`0034 0032 ${timestamp} 00`, 'octets after the end of a timestamp');
  refuses(`0035 0033 ${timestamp} 00`, 'octets after the end of a timestamp');
  refuses(`0033 0031 ${timestamp.slice(0, -2)}`, 'a timestamp list that is cut off');
  refuses(`0034 0032 ${timestamp.replace('00000188', 'ffffffff')}`, 'a timestamp after the year 9999');
  refusesValue('03 01 00', readCertificateTimestamps, 'element 0x04 expected, 0x03 found', 0);
});

test('timestamps come back as they were written', () => {
  const one = fc.record(
    {
      logId: fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: 64, maxLength: 64 }),
      timestamp: fc.integer({ min: 0, max: 253_402_300_799_999 }),
      extensions: fc.uint8Array({ maxLength: 4 }),
      signatureAlgorithm: fc.constantFrom('ecdsa-sha256', 'rsa-sha256', '0807'),
      signature: fc.uint8Array({ maxLength: 100 }),
    },
    { noNullPrototype: true },
  );
  const unknown = fc.uint8Array({ maxLength: 20 }).map((rest) => ({ version: 2, raw: Uint8Array.of(1, ...rest) }));
  fc.assert(
    fc.property(fc.array(fc.oneof(one, unknown), { minLength: 1, maxLength: 4 }), (timestamps) => {
      const { value } = extensionOf(certificateTimestampsExtension(timestamps));
      assert.deepEqual(readWhole(value, readCertificateTimestamps), timestamps);
    }),
  );
});
