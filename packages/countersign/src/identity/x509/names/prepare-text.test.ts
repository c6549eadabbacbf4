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
} from '../../../ground/encoding/index.ts';
import { type DistinguishedName, readName, sameName } from '../index.ts';
import { prepareText } from './prepare-text.ts';

const same = (...texts: string[]): void => {
  for (const text of texts)
    assert.equal(prepareText(text), prepareText(texts[0]!), `${JSON.stringify(text)} in ${texts[0]!}`);
};
const differ = (a: string, b: string): void => assert.notEqual(prepareText(a), prepareText(b), `${a} ${b}`);

test('spaces at the ends go, runs become one (RFC 4518, 2.6.1)', () => {
  same('Good CA', ' Good CA', 'Good CA  ', 'Good   CA', '\tGood\r\nCA\u00a0', 'Good\u3000\u2028CA', 'Good\u0085CA');
  same('', ' ', '    ');
  differ('Good CA', 'GoodCA');
});

test('a space that carries a combining mark is none', () => {
  differ('a \u0308b', 'a\u0308b');
  differ('a\u00a8', 'a\u0308');
  same('a  \u0308', 'a \u00a8');
  differ('a  \u0308', 'a \u0308');
  differ('\u00a8', '\u0308');
});

test('letter case is folded in full (RFC 3454, B.2)', () => {
  same('GOOD CA', 'good ca', 'Good Ca');
  same('STRASSE', 'straße', 'Strasse', 'STRAẞE');
  same('ΟΔΟΣ', 'οδοσ', 'οδος', 'Οδος');
  same('ΣΑΣ x', 'σασ X', 'σας x');
  same('É', 'é', 'e\u0301', 'E\u0301');
  same('İ', 'i\u0307');
  same('ᾳ', 'ΑΙ', 'αι');
  same('ᾴ', 'ᾳ\u0301');
  same('J\u0323\u030c', 'ǰ\u0323', 'j\u030c\u0323');
  differ('ı', 'i');
  differ('e', 'é');
});

test('compatibility forms are folded (RFC 4518, 2.3)', () => {
  same('fi', 'ﬁ', 'FI');
  same('Ⅳ', 'iv');
  same('Ａ１', 'a1');
  same('ſ', 's');
  same('K', '\u212a', 'k');
});

test('what is mapped to nothing makes no difference (RFC 4518, 2.2)', () => {
  for (const nothing of [
    '\u00ad',
    '\u200b',
    '\u200d',
    '\ufeff',
    '\ufe0f',
    '\u0000',
    '\u007f',
    '\u202e',
    '\u{e0041}',
    '\u{1d173}',
  ]) {
    same('ab', `a${nothing}b`);
  }
  differ('ab', 'a\u0303b');
});

test('prepared text stays as it is, and ASCII goes the same way by the short cut', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(prepareText(prepareText(text)), prepareText(text));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(' ', 'a', 'B', '.') }), (text) => {
      assert.equal(prepareText(text), text.toLowerCase().replaceAll(/ +/g, ' ').trim());
      assert.equal(prepareText(`${text}\u200b`), prepareText(text));
    }),
  );
});

// As BMPString a certificate holds 50,000 characters.
test('no text takes long', () => {
  for (const text of [' ', 'a ', 'é ', '\u0300', ' \u0300', '\u0130', '\u{e0041}', '\ufdfa']) {
    const start = performance.now();
    prepareText(text.repeat(Math.floor(50_000 / text.length)));
    assert.ok(performance.now() - start < 500, JSON.stringify(text));
  }
});

function commonName(tag: number, contents: Uint8Array): DistinguishedName {
  const attribute = encodeSequence(encodeOid('2.5.4.3'), encodeElement(tag, contents));
  return readName(DerReader.over(encodeSequence(encodeSetOf([attribute]))));
}

test('kinds of string make no difference, unless nobody agrees on their octets (RFC 5280, 7.1)', () => {
  const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const utf8 = readName(
    DerReader.over(encodeSequence(encodeSetOf([encodeSequence(encodeOid('2.5.4.3'), encodeUtf8String('good CA'))]))),
  );
  assert.equal(sameName(utf8, commonName(tags.printableString, latin1('Good CA '))), true);
  assert.equal(sameName(utf8, commonName(tags.ia5String, latin1('Good  CA'))), true);
  assert.equal(sameName(utf8, commonName(tags.bmpString, latin1('\0g\0o\0o\0d\0 \0c\0a'))), true);
  const teletex = commonName(tags.teletexString, latin1('good CA'));
  assert.equal(sameName(utf8, teletex), false);
  assert.equal(sameName(teletex, commonName(tags.teletexString, latin1('good CA'))), true);
  assert.equal(sameName(teletex, commonName(tags.teletexString, latin1('Good CA'))), false);
});

/** Marks of which each goes ahead of the one before it, once they are sorted. */
const unsorted = (marks: number, pair: string): string => `a${pair.repeat(marks / 2)}`;

/** The least of three, microseconds of the processor. */
function cost(text: string): number {
  const once = (): number => {
    const before = process.cpuUsage();
    prepareText(text);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  return Math.min(once(), once(), once());
}

test('marks out of order cost what sorted ones do', () => {
  const sorted = cost(unsorted(32_000, '\u0301\u0301'));
  for (const pair of ['\u0301\u0316', '\u0301\uff9e', '\u0344\u0f73']) {
    const found = cost(unsorted(32_000, pair));
    // Each moved past all before it, they took a third of a second.
    assert.ok(found < 20 * Math.max(sorted, 2000), `${JSON.stringify(pair)}: ${found} µs, sorted ${sorted} µs`);
  }
});

test('marks in two orders are the same text, as long as they are as many as a language has', () => {
  same(unsorted(30, '\u0301\u0316'), unsorted(30, '\u0316\u0301'));
  same(`${unsorted(40, '\u0301\u0316')} B`, `${unsorted(40, '\u0301\u0316')}  b`);
});
