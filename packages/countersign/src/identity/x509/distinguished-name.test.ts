import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DerReader,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
  tags,
} from '../../ground/encoding/index.ts';
import { readName } from './index.ts';

const raw = String.raw;

function textOf(oid: string, value: Uint8Array): string {
  return readName(DerReader.over(encodeSequence(encodeSetOf([encodeSequence(encodeOid(oid), value)])))).text;
}

test('a value cannot look like another part of its name (RFC 4514, 2.4)', () => {
  const shown: readonly (readonly [string, string])[] = [
    ['a,O=b', raw`CN=a\,O=b`],
    ['a+b;c<d>e"f', raw`CN=a\+b\;c\<d\>e\"f`],
    ['a\\,b', raw`CN=a\\\,b`],
    ['#1', raw`CN=\#1`],
    ['a#1', 'CN=a#1'],
    [' ', raw`CN=\ `],
    ['  ', raw`CN=\ \ `],
    [' a b ', raw`CN=\ a b\ `],
    ['\\ ', raw`CN=\\\ `],
    ['a=b', 'CN=a=b'],
    ['', 'CN='],
  ];
  for (const [text, expected] of shown) assert.equal(textOf('2.5.4.3', encodeUtf8String(text)), expected);
});

test('what could not be seen, or would be acted on, is shown by its octets', () => {
  const shown: readonly (readonly [string, string])[] = [
    ['a\0b', raw`CN=a\00b`],
    ['a\nb\u001b[1m\u007f', raw`CN=a\0Ab\1B[1m\7F`],
    ['a\u0085\u2028\u2029', raw`CN=a\C2\85\E2\80\A8\E2\80\A9`],
    ['a\u202eb\u200b', raw`CN=a\E2\80\AEb\E2\80\8B`],
    ['Lučić 🔑', 'CN=Lučić 🔑'],
  ];
  for (const [text, expected] of shown) assert.equal(textOf('2.5.4.3', encodeUtf8String(text)), expected);
});

test('a value that is no text, or of a type without a name, is shown as octets', () => {
  assert.equal(textOf('1.2.3', encodeUtf8String('a')), '1.2.3=#0c0161');
  assert.equal(textOf('2.5.4.3', encodeElement(tags.teletexString, Uint8Array.of(0xe9))), 'CN=#1401e9');
  assert.equal(textOf('2.5.4.45', encodeElement(tags.bitString, Uint8Array.of(0, 1))), '2.5.4.45=#03020001');
});

test('a type whose values are strings holds no others', () => {
  const refused = [
    ['2.5.4.3', encodeElement(tags.bitString, Uint8Array.of(0, 1))],
    ['2.5.4.3', encodeElement(tags.boolean, Uint8Array.of(0xff))],
  ] as const;
  for (const [oid, value] of refused) assert.throws(() => textOf(oid, value), { code: 'CS-DER-001' });
});
