import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  DerReader,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { mutateText } from '../../../../../../tests/fixtures/mutations.ts';
import { seededRandom } from '../../../../../../tests/fixtures/random.ts';
import { type DistinguishedName, parseNameText, readName, sameName } from '../index.ts';

const raw = String.raw;

/** Attributes of the name, part by part as they are in DER: type, kind of string, text. */
function parts(name: DistinguishedName): string[][] {
  return name.relativeNames.map((attributes) =>
    attributes.map(({ oid, text, value }) => `${oid} ${value[0]!.toString(16)} ${text ?? toHex(value)}`),
  );
}

function refuses(text: string, rule: string, offset: number): void {
  assert.throws(
    () => parseNameText(text),
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, 'CS-X509-004');
      assert.deepEqual(error.evidence, { text, rule, offset });
      return true;
    },
  );
}

test('the examples of RFC 4514 (4) come out as they say', () => {
  const examples: readonly (readonly [string, string[][]])[] = [
    [
      'UID=jsmith,DC=example,DC=net',
      [
        ['0.9.2342.19200300.100.1.25 16 net'],
        ['0.9.2342.19200300.100.1.25 16 example'],
        ['0.9.2342.19200300.100.1.1 c jsmith'],
      ],
    ],
    [
      'OU=Sales+CN=J.  Smith,DC=net',
      [['0.9.2342.19200300.100.1.25 16 net'], ['2.5.4.11 c Sales', '2.5.4.3 c J.  Smith']],
    ],
    [raw`CN=James \"Jim\" Smith\, III`, [['2.5.4.3 c James "Jim" Smith, III']]],
    [raw`CN=Before\0dAfter`, [['2.5.4.3 c Before\rAfter']]],
    ['1.3.6.1.4.1.1466.0=#04024869', [['1.3.6.1.4.1.1466.0 4 04024869']]],
    [raw`CN=Lu\C4\8Di\C4\87`, [['2.5.4.3 c Lučić']]],
  ];
  for (const [text, expected] of examples) assert.deepEqual(parts(parseNameText(text)), expected, text);
});

test('types go by name in any letter case, or by identifier, each with its kind of string', () => {
  assert.deepEqual(parts(parseNameText('cn=a,c=DE,eMailAddress=a@b,2.5.4.5=7,e=x,serialnumber=8')), [
    ['2.5.4.5 13 8'],
    ['1.2.840.113549.1.9.1 16 x'],
    ['2.5.4.5 13 7'],
    ['1.2.840.113549.1.9.1 16 a@b'],
    ['2.5.4.6 13 DE'],
    ['2.5.4.3 c a'],
  ]);
  assert.deepEqual(parts(parseNameText('1.2.3=a')), [['1.2.3 c a']]);
  assert.equal(parseNameText('').isEmpty, true);
});

test('every escape of RFC 4514, and nothing that it does not know', () => {
  assert.deepEqual(parts(parseNameText(raw`CN=\ \#\"\+\,\;\<\>\\\=\ `)), [['2.5.4.3 c  #"+,;<>\\= ']]);
  assert.deepEqual(parts(parseNameText('CN=a#b=c d')), [['2.5.4.3 c a#b=c d']]);
  assert.deepEqual(parts(parseNameText(raw`CN=\e2\82\ACx\41`)), [['2.5.4.3 c €xA']]);
  refuses(raw`CN=\a`, '"\\" before what it does not escape', 3);
  refuses(raw`CN=a\n`, '"\\" before what it does not escape', 4);
  refuses(raw`CN=a` + '\\', '"\\" before what it does not escape', 4);
  refuses(raw`CN=\C4`, 'escaped octets that are not UTF-8', 3);
  refuses(raw`CN=\C4č\8D`, 'escaped octets that are not UTF-8', 3);
  refuses(raw`CN=\ED\A0\80`, 'escaped octets that are not UTF-8', 3);
});

test('what another reader would read otherwise is refused', () => {
  refuses('CN="a"', '" without "\\" before it', 3);
  refuses('CN="a, O=b"', '" without "\\" before it', 3);
  refuses('CN=a;O=b', '; without "\\" before it', 4);
  refuses('CN=a<b', '< without "\\" before it', 4);
  refuses('CN=a\0b', 'NUL without an escape', 4);
  refuses('CN=a, O=b', 'an attribute type is missing', 5);
  refuses('CN =a', '"=" is missing after an attribute type', 2);
  refuses('CN= a', 'a space without "\\" at the beginning of a value', 3);
  refuses('CN=a ,O=b', 'a space without "\\" at the end of a value', 4);
  refuses('CN=a  ', 'a space without "\\" at the end of a value', 5);
  refuses(' ', 'an attribute type is missing', 0);
  refuses('CN=a,', 'an attribute type is missing', 5);
  refuses('CN=a++O=b', 'an attribute type is missing', 5);
  refuses(',CN=a', 'an attribute type is missing', 0);
  refuses('CN', '"=" is missing after an attribute type', 2);
  refuses('nobody=a', 'an attribute type that is not known', 0);
  refuses('O=x,3.1=a', 'an attribute type that is no object identifier', 4);
  refuses('2.05.4=a', 'an attribute type that is no object identifier', 0);
  refuses(`1.2.${'9'.repeat(300)}=a`, 'an attribute type that is no object identifier', 0);
  refuses('OID.2.5.4.3=a', 'an attribute type that is not known', 0);
  refuses('CN=a+CN=a', 'the same attribute twice in one part', 0);
  refuses('O=x,CN=a+OU=b+cn=a', 'the same attribute twice in one part', 4);
  refuses(`CN=${String.fromCharCode(0xd800)}`, 'half of a surrogate pair', 3);
});

test('a value after "#" is one element of DER, and a string is one', () => {
  const rule = '"#" without pairs of hexadecimal digits up to the end of the value';
  for (const text of ['CN=#', 'CN=#0', 'CN=#0g', 'CN=#0c01 61', 'CN=#0c0161 ']) refuses(text, rule, 3);
  for (const hex of ['0c', '0c0261', '0c01610c0162', '0c01ff', '130140', '1600'.replace('00', '0180'), '3080']) {
    refuses(`CN=#${hex}`, 'a value after "#" that is not DER', 3);
  }
  assert.deepEqual(parts(parseNameText('C=#0c024445+1.2.3=#0500')), [['1.2.3 5 0500', '2.5.4.6 c DE']]);
});

test('a type that has one kind of string takes no other characters', () => {
  refuses('C=Ö', 'a character that C may not hold', 2);
  refuses('O=x,serialNumber=1@2', 'a character that serialNumber may not hold', 17);
  refuses('E=ü@b', 'a character that E may not hold', 2);
});

const value = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...Array.from(' #",+;<>\\=\0\n\u202e\u00e9ab')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
});
const printable = fc.string({ unit: fc.constantFrom(...Array.from('AZaz09 ():,+=/?')), maxLength: 8 });
const attribute = fc.oneof(
  fc.tuple(fc.constantFrom('2.5.4.3', '2.5.4.10', '2.5.4.11', '2.5.4.97'), value.map(encodeUtf8String)),
  fc.tuple(
    fc.constantFrom('2.5.4.6', '2.5.4.5', '2.5.4.3'),
    printable.map((text) => encodeElement(tags.printableString, new TextEncoder().encode(text))),
  ),
  fc.tuple(fc.constantFrom('1.2.3', '2.5.4.3'), fc.constant(Uint8Array.of(tags.teletexString, 1, 0xe9))),
  fc.tuple(fc.constantFrom('1.2.3', '2.25.4'), value.map(encodeUtf8String)),
  fc.tuple(fc.constant('2.5.4.3'), fc.constant(Uint8Array.of(tags.bmpString, 2, 0x20, 0x41))),
);
const name = fc
  .array(fc.uniqueArray(attribute, { minLength: 1, maxLength: 3, selector: (one) => toHex(one[1]) + one[0] }), {
    maxLength: 4,
  })
  .map((list) =>
    readName(
      DerReader.over(
        encodeSequence(
          ...list.map((members) =>
            encodeSetOf(members.map(([oid, element]) => encodeSequence(encodeOid(oid), element))),
          ),
        ),
      ),
    ),
  );

test('a name comes back from its text as the same name, octet for octet but for kinds of string', () => {
  fc.assert(
    fc.property(name, (written) => {
      let back: DistinguishedName;
      try {
        back = parseNameText(written.text);
      } catch (error) {
        // "a" as UTF8String and as PrintableString in one part are one text twice.
        assert.ok(isRefusal(error) && error.evidence['rule'] === 'the same attribute twice in one part');
        return;
      }
      assert.equal(sameName(back, written), true, written.text);
      assert.equal(back.text.length, written.text.length);
      assert.deepEqual(
        back.relativeNames
          .flat()
          .map(({ oid, text }) => [oid, text])
          .sort(),
        written.relativeNames
          .flat()
          .map(({ oid, text }) => [oid, text])
          .sort(),
      );
      const usual = written.relativeNames.flat().every((one) => {
        const kind = one.oid === '2.5.4.6' || one.oid === '2.5.4.5' ? tags.printableString : tags.utf8String;
        return (
          one.text === undefined || one.oid.startsWith('1.2') || one.oid.startsWith('2.25') || one.value[0] === kind
        );
      });
      if (usual) assert.equal(toHex(back.raw), toHex(written.raw));
    }),
    { numRuns: 2000 },
  );
});

test('a text comes back in its canonical form, which stays as it is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('cn', 'O', 'ou', '2.5.4.4'), value), { minLength: 1 }), (list) => {
      const escape = (text: string): string =>
        [...new TextEncoder().encode(text)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('');
      const first = parseNameText(list.map(([type, text]) => `${type}=${escape(text)}`).join(','));
      assert.deepEqual(
        first.relativeNames.map((attributes) => attributes[0]!.text),
        list.map(([, text]) => text).reverse(),
      );
      const second = parseNameText(first.text);
      assert.equal(second.text, first.text);
      assert.equal(toHex(second.raw), toHex(first.raw));
    }),
  );
});

test('5000 damaged texts: nothing but refusals, in time', () => {
  const texts = [
    'UID=jsmith,DC=example,DC=net',
    raw`OU=Sales+CN=J. \"S\" Smith\, III,O=Lu\C4\8Di\C4\87,C=DE`,
    '1.3.6.1.4.1.1466.0=#04024869,CN=a',
    'CN=a+O=b+OU=c+L=d',
  ];
  let slowestMs = 0;
  for (let index = 0; index < 5000; index++) {
    const random = seededRandom(77 + index);
    const text = mutateText(random, random.pick(texts), random.pick(texts));
    const start = performance.now();
    try {
      const parsed = parseNameText(text);
      slowestMs = Math.max(slowestMs, performance.now() - start);
      assert.equal(sameName(parseNameText(parsed.text), parsed), true);
    } catch (error) {
      assert.ok(isRefusal(error), `${text}: ${String(error)}`);
    }
  }
  assert.ok(slowestMs < 250);
  const many = Array.from({ length: 9000 }, (_, index) => `CN=${String(index)}`).join('+');
  const start = performance.now();
  assert.throws(() => parseNameText(`${many}+CN=1`), { code: 'CS-X509-004' });
  assert.ok(performance.now() - start < 500);
});
