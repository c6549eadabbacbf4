import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../ground/encoding/index.ts';
import { serialNumberContents, serialNumberText } from './serial-number.ts';

const pairs: readonly (readonly [contents: string, text: string])[] = [
  ['00', '00'],
  ['01', '01'],
  ['7f', '7F'],
  ['0080', '80'],
  ['ff', '-01'],
  ['80', '-80'],
  ['ff7f', '-81'],
  ['ff00', '-0100'],
  ['00ffffffff', 'FFFFFFFF'],
];

test('a serial number is shown as OpenSSL prints it, and found again', () => {
  for (const [contents, text] of pairs) {
    assert.equal(serialNumberText(fromHex(contents)!), text);
    assert.equal(toHex(serialNumberContents(text)!), contents, text);
  }
});

test('leading zeros and lower case make no difference, and other text is no number', () => {
  assert.equal(toHex(serialNumberContents('0000ab')!), '00ab');
  assert.equal(toHex(serialNumberContents('-0001')!), 'ff');
  for (const text of ['', '-', '0', 'x1', '- 1', '01 ']) assert.equal(serialNumberContents(text), undefined, text);
});

test('every number has one text and one contents', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 170n), max: 2n ** 170n }), (number) => {
      const digits = (number < 0n ? -number : number).toString(16);
      const even = digits.padStart(digits.length + (digits.length % 2), '0').toUpperCase();
      const text = `${number < 0n ? '-' : ''}${even}`;
      const contents = serialNumberContents(text)!;
      assert.equal(BigInt.asIntN(8 * contents.length, BigInt(`0x${toHex(contents)}`)), number);
      assert.equal(serialNumberText(contents), text);
    }),
  );
});
