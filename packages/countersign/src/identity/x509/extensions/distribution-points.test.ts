import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contextPrimitive } from '../../../ground/encoding/index.ts';
import { extensionOf, readWhole, refusesValue } from '../../../../../../tests/fixtures/extension-values.ts';
import {
  crlDistributionPointsExtension,
  freshestCrlExtension,
  parseNameText,
  readDistributionPoints,
  type WritableDistributionPoint,
} from '../index.ts';
import { encodeReasonFlags, readReasonFlags } from './distribution-points.ts';

const refuses = (hex: string, rule: string, offset?: number): void =>
  refusesValue(hex, readDistributionPoints, rule, offset);

test('a distribution point has a name or an issuer', () => {
  refuses('30 00', 'an extension without distribution points', 2);
  refuses('30 02 30 00', 'a distribution point with neither a name nor a cRLIssuer (4.2.1.13)');
  refuses('30 06 30 04 81 02 07 80', 'a distribution point with neither a name nor a cRLIssuer (4.2.1.13)');
  refuses('30 04 30 02 a2 00', 'GeneralNames is empty', 6);
  refuses('30 06 30 04 a0 02 a0 00', 'GeneralNames is empty', 8);
  refuses('30 06 30 04 a0 02 a1 00', 'a relative distinguished name without attributes', 8);
  refuses('30 06 30 04 a0 02 82 00', 'element 0xa0 expected, 0x82 found', 6);
  refuses('30 0b 30 09 a0 07 a0 05 86 03 61 3a', 'length reaches past the end', 2);
  refuses('30 0b 30 09 a0 05 a0 03 86 01 61 05 00', 'bytes after the last element', 11);
});

test('reasons are bits that are defined, at least one', () => {
  const within = (reasons: string): string => `30 0d 30 0b a0 05 a0 03 86 01 61 ${reasons}`;
  refuses(within('81 02 00 00'), 'named bits with trailing zeros', 11);
  refuses(within('81 02 08 80'), 'BIT STRING with a wrong count of unused bits', 11);
  refuses(within('81 02 06 80'), 'named bits with trailing zeros', 11);
  refuses('30 0c 30 0a a0 05 a0 03 86 01 61 81 01 00', 'reasons without any', 11);
  refuses('30 0e 30 0c a0 05 a0 03 86 01 61 81 03 06 00 40', 'a reason that is not defined', 11);
});

test('a relative name goes with one name of an issuer', () => {
  const [relative] = parseNameText('CN=part').relativeNames;
  const directory = [parseNameText('CN=a'), parseNameText('CN=b')];
  const two = crlDistributionPointsExtension([{ nameRelativeToCRLIssuer: relative!, cRLIssuer: { directory } }]);
  refusesValue(
    extensionOf(two).value,
    readDistributionPoints,
    'nameRelativeToCRLIssuer with more than one name of the issuer (4.2.1.13)',
  );
});

test('points come back as they were written', () => {
  const names = fc.record(
    {
      uri: fc.array(fc.string({ unit: fc.constantFrom(...Array.from('abc:/.?#%20')), minLength: 1 }), {
        minLength: 1,
        maxLength: 3,
      }),
    },
    { noNullPrototype: true },
  );
  const reasons = fc.subarray(['unused', 'keyCompromise', 'certificateHold', 'aACompromise'] as const, {
    minLength: 1,
  });
  const point: fc.Arbitrary<WritableDistributionPoint> = fc.record(
    { fullName: names, reasons, cRLIssuer: names },
    { requiredKeys: ['fullName'], noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(point, { minLength: 1, maxLength: 3 }), (points) => {
      for (const encode of [crlDistributionPointsExtension, freshestCrlExtension]) {
        const read = readWhole(extensionOf(encode(points)).value, readDistributionPoints);
        const seen = read.map((one) => ({
          ...one,
          ...(one.fullName === undefined ? {} : { fullName: { uri: one.fullName.uri } }),
          ...(one.cRLIssuer === undefined ? {} : { cRLIssuer: { uri: one.cRLIssuer.uri } }),
        }));
        assert.deepEqual(seen, points);
      }
    }),
  );
});

test('reasons have the form that a revocation list uses, under any tag', () => {
  const read = readWhole(encodeReasonFlags(3, ['superseded', 'keyCompromise']), (reader) =>
    readReasonFlags(reader, contextPrimitive(3)),
  );
  assert.deepEqual(read, ['keyCompromise', 'superseded']);
});

test('a relative name of two attributes is written in order', () => {
  const [relative] = parseNameText('OU=b+CN=a').relativeNames;
  const [point] = readWhole(
    extensionOf(crlDistributionPointsExtension([{ nameRelativeToCRLIssuer: relative!.toReversed() }])).value,
    readDistributionPoints,
  );
  assert.deepEqual(
    point?.nameRelativeToCRLIssuer?.map(({ text }) => text),
    ['a', 'b'],
  );
});

test('what is no extension cannot be written', () => {
  assert.throws(() => crlDistributionPointsExtension([]), TypeError);
  const names = { uri: ['http://a'] };
  assert.throws(() => crlDistributionPointsExtension([{ fullName: names, nameRelativeToCRLIssuer: [] }]), TypeError);
  assert.equal(extensionOf(crlDistributionPointsExtension([{ fullName: names }], true)).critical, true);
});
