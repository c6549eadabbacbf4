import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  encodeBoolean,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeUtf8String,
  tags,
} from '../../../ground/encoding/index.ts';
import { bytesOf, extensionOf, readWhole, refusesValue } from '../../../../../../tests/fixtures/extension-values.ts';
import {
  noNames,
  paymentRoles,
  type QcStatement,
  qcStatementIds,
  qcStatementsExtension,
  qcTypes,
  readQcStatements,
} from '../index.ts';
import { encodeSignedNumber, readSignedNumber } from './signed-number.ts';

/** One statement with `info` in hexadecimal digits. */
function statement(id: keyof typeof qcStatementIds, info = ''): Uint8Array {
  return encodeSequence(encodeSequence(encodeOid(qcStatementIds[id]), bytesOf(info)));
}

test('each statement has the information that it defines', () => {
  const refuses = (id: keyof typeof qcStatementIds, info: string, rule: string, offset: number): void =>
    refusesValue(statement(id, info), readQcStatements, rule, offset);
  refuses('QcCompliance', '05 00', 'bytes after the last element', 12);
  refuses('QcSSCD', '05 00', 'bytes after the last element', 12);
  refuses('QcRetentionPeriod', '', 'element 0x02 is missing', 12);
  refuses('QcRetentionPeriod', '02 01 ff', 'INTEGER is negative', 12);
  refuses('QcLimitValue', '30 0a 13 02 4555 02 01 01 02 01 01', 'a text of other than 3 characters', 14);
  refuses('QcLimitValue', '30 0b 0c 03 455552 02 01 01 02 01 01', 'PrintableString is missing', 14);
  refuses('QcLimitValue', '30 0a 02 02 03e8 02 01 01 02 01 01', 'a currency of other than 1 to 999', 14);
  refuses('QcLimitValue', '30 09 02 01 00 02 01 01 02 01 01', 'a currency of other than 1 to 999', 14);
  refuses('QcLimitValue', '30 08 13 03 455552 02 01 01', 'element 0x02 is missing', 22);
  refuses('QcLimitValue', '30 11 13 03 455552 02 07 01000000000000 02 01 00', 'INTEGER is out of range', 19);
  refuses('QcPDS', '30 00', 'a statement whose list is empty', 14);
  refuses('QcPDS', '30 09 30 07 16 02 613a 13 01 65', 'a text of other than 2 characters', 20);
  refuses('QcType', '30 00', 'a statement whose list is empty', 14);
  refuses('QcCClegislation', '30 05 13 03 444555', 'a text of other than 2 characters', 14);
  refuses('semantics2', '30 00', 'SemanticsInformation without any', 16);
});

test('no statement is left half read', () => {
  refusesValue(encodeSequence(encodeSequence()), readQcStatements, 'element 0x06 is missing', 4);
  const two = encodeSequence(encodeSequence(encodeOid('1.2.3'), encodeBoolean(true), encodeBoolean(true)));
  refusesValue(two, readQcStatements, 'bytes after the last element', 11);
});

test("a payment role that goes by another role's name is refused", () => {
  const roles = (...list: (readonly [string, string])[]): Uint8Array =>
    encodeSequence(
      encodeSequence(
        encodeOid(qcStatementIds.paymentServices),
        encodeSequence(
          encodeSequence(...list.map(([oid, name]) => encodeSequence(encodeOid(oid), encodeUtf8String(name)))),
          encodeUtf8String('Financial Conduct Authority'),
          encodeUtf8String('GB-FCA'),
        ),
      ),
    );
  for (const [oid, name] of [
    [paymentRoles.PSP_AI, 'PSP_PI'],
    [paymentRoles.PSP_AI, 'account information'],
    ['1.2.3', 'PSP_AS'],
  ] as const) {
    const rule = `role ${oid} with another's name (ETSI TS 119 495, 5.1)`;
    refusesValue(roles([paymentRoles.PSP_AS, 'PSP_AS'], [oid, name]), readQcStatements, rule);
  }
  const [read] = readWhole(roles([paymentRoles.PSP_IC, 'PSP_IC'], ['1.2.3', 'other']), readQcStatements);
  assert.deepEqual(read, {
    statement: 'paymentServices',
    services: {
      roles: [
        { oid: paymentRoles.PSP_IC, name: 'PSP_IC' },
        { oid: '1.2.3', name: 'other' },
      ],
      authorityName: 'Financial Conduct Authority',
      authorityId: 'GB-FCA',
    },
  });
  const empty = encodeElement(tags.utf8String, new Uint8Array());
  const nameless = encodeSequence(
    encodeSequence(encodeOid(qcStatementIds.paymentServices), encodeSequence(encodeSequence(), empty, empty)),
  );
  refusesValue(nameless, readQcStatements, 'a text not of 1 to 256 characters', 16);
});

const letters = (count: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from('ABCXYZ')), minLength: count, maxLength: count });
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const plain = { noNullPrototype: true } as const;

const statements: fc.Arbitrary<QcStatement>[] = [
  fc.record({ statement: fc.constantFrom('QcCompliance', 'QcSSCD') }, plain),
  fc.record(
    {
      statement: fc.constant('QcLimitValue'),
      value: fc.record(
        {
          currency: fc.oneof(letters(3), fc.integer({ min: 1, max: 999 })),
          amount: fc.integer({ min: -(2 ** 46), max: 2 ** 46 }),
          exponent: fc.integer({ min: -3, max: 9 }),
        },
        plain,
      ),
    },
    plain,
  ),
  fc.record({ statement: fc.constant('QcRetentionPeriod'), years: fc.nat() }, plain),
  fc.record(
    {
      statement: fc.constant('QcPDS'),
      locations: fc.array(fc.record({ url: fc.string({ unit: 'grapheme-ascii' }), language: letters(2) }, plain), {
        minLength: 1,
        maxLength: 3,
      }),
    },
    plain,
  ),
  fc.record(
    {
      statement: fc.constant('QcType'),
      types: fc.array(fc.constantFrom(...Object.values(qcTypes), '1.2.3'), { minLength: 1, maxLength: 3 }),
    },
    plain,
  ),
  fc.record(
    { statement: fc.constant('QcCClegislation'), countries: fc.array(letters(2), { minLength: 1, maxLength: 3 }) },
    plain,
  ),
  fc.constantFrom<QcStatement>(
    { statement: 'semantics1' },
    { statement: 'semantics2', information: { identifier: '1.2.3' } },
    { statement: 'semantics2', information: { registrationAuthorities: { ...noNames, dns: ['a.test'] } } },
    { statement: 'other', oid: '1.2.3' },
    { statement: 'other', oid: '1.2.3', information: encodeSequence(encodeBoolean(true)) },
  ),
  fc.record(
    {
      statement: fc.constant('paymentServices'),
      services: fc.record(
        {
          roles: fc.subarray(Object.entries(paymentRoles).map(([name, oid]) => ({ oid, name }))),
          authorityName: text,
          authorityId: text,
        },
        plain,
      ),
    },
    plain,
  ),
];

test('statements come back as they were written', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(...statements), { maxLength: 6 }), (list) => {
      assert.deepEqual(readWhole(extensionOf(qcStatementsExtension(list)).value, readQcStatements), list);
    }),
  );
});

test('numbers with a sign', () => {
  for (const value of [0, -1, 127, 128, -128, -129, 255, 256, 2 ** 47 - 1, -(2 ** 47)]) {
    assert.equal(readWhole(encodeSignedNumber(value), readSignedNumber), value);
  }
  for (const value of [0.5, 2 ** 47, -(2 ** 47) - 1, NaN]) assert.throws(() => encodeSignedNumber(value), TypeError);
});
