import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRefusal } from '../errors/index.ts';
import {
  DerReader,
  encodeGeneralizedTime,
  fromHex,
  readBitStringBytes,
  readBoolean,
  readBooleanDefaultFalse,
  readDirectoryString,
  readGeneralizedTime,
  readIa5String,
  readIntegerBytes,
  readNamedBits,
  readObjectIdentifier,
  readPositiveIntegerHex,
  readSmallInteger,
  readTime,
  requireSetOrder,
  tags,
  toHex,
} from './index.ts';

type Read = (reader: DerReader) => unknown;

function reader(hex: string): DerReader {
  return DerReader.over(fromHex(hex.replaceAll(' ', ''))!);
}

/** Asserts the refusal's code and evidence, both exactly. */
function refuses(hex: string, read: Read, offset: number, rule: string): void {
  const subject = reader(hex);
  assert.throws(
    () => {
      read(subject);
      subject.finish();
    },
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, 'CS-DER-001', hex);
      assert.deepEqual(error.evidence, { offset, rule }, hex);
      return true;
    },
  );
}

const contents =
  (tag: number): Read =>
  (from) =>
    from.contents(tag);

const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const time = (tag: string, text: string): string => `${tag}${text.length.toString(16).padStart(2, '0')}${ascii(text)}`;

test('lengths are definite, minimal and within the bytes', () => {
  const octets = contents(tags.octetString);
  refuses('', octets, 0, 'element 0x04 is missing');
  refuses('', (from) => from.element(), 0, 'an element is missing');
  refuses('04', octets, 1, 'length is missing');
  refuses('04 80 00 00', octets, 1, 'indefinite length');
  refuses('04 81', octets, 2, 'length is cut off');
  refuses('04 82 01', octets, 3, 'length is cut off');
  refuses('04 81 01 00', octets, 1, 'length in the long form where the short one fits');
  refuses('04 81 7f', octets, 1, 'length in the long form where the short one fits');
  refuses('04 82 00 80', octets, 1, 'length with a leading zero');
  refuses('04 85 01 00 00 00 00', octets, 1, 'length of more than four octets');
  refuses('04 ff', octets, 1, 'length of more than four octets');
  refuses('04 84 ff ff ff ff', octets, 6, 'length reaches past the end');
  refuses('04 02 00', octets, 2, 'length reaches past the end');
  refuses('04 01 00 00', octets, 3, 'bytes after the last element');
  assert.equal(contents(tags.octetString)(reader(`0481 80 ${'00'.repeat(128)}`)) instanceof Uint8Array, true);
});

test('an inner length may not reach past its outer element', () => {
  const inner: Read = (from) => from.enter(tags.sequence).contents(tags.octetString);
  refuses('30 03 04 02 00 00', inner, 4, 'length reaches past the end');
  refuses('30 00 04 00', inner, 2, 'element 0x04 is missing');
});

test('tags are those asked for, with numbers up to 30', () => {
  refuses('02 01 00', contents(tags.octetString), 0, 'element 0x04 expected, 0x02 found');
  // A constructed OCTET STRING is BER (X.690, 10.2).
  refuses('24 03 04 01 00', contents(tags.octetString), 0, 'element 0x04 expected, 0x24 found');
  refuses('1f 81 01 00', (from) => from.element(), 0, 'tag number above 30');
  refuses('bf 20 00', (from) => from.element(), 0, 'tag number above 30');
});

test('BOOLEAN is 0x00 or 0xFF, and a default is not written', () => {
  refuses('01 00', readBoolean, 0, 'BOOLEAN of other than one octet');
  refuses('01 02 ff ff', readBoolean, 0, 'BOOLEAN of other than one octet');
  refuses('01 01 01', readBoolean, 0, 'BOOLEAN that is neither 0x00 nor 0xFF');
  refuses('01 01 00', readBooleanDefaultFalse, 0, 'a default value written out');
  assert.equal(readBoolean(reader('010100')), false);
  assert.equal(readBooleanDefaultFalse(reader('0101ff')), true);
  assert.equal(readBooleanDefaultFalse(reader('0400')), false);
});

test('INTEGER is in its shortest form', () => {
  for (const read of [readIntegerBytes, readPositiveIntegerHex, readSmallInteger]) {
    refuses('02 00', read, 0, 'INTEGER without contents');
    refuses('02 02 00 7f', read, 0, 'INTEGER not in its shortest form');
    refuses('02 02 ff 80', read, 0, 'INTEGER not in its shortest form');
  }
  refuses('02 01 80', readPositiveIntegerHex, 0, 'INTEGER is negative');
  refuses('02 01 ff', readSmallInteger, 0, 'INTEGER is negative');
  refuses('02 05 01 00 00 00 00', readSmallInteger, 0, 'INTEGER is out of range');
  // 2^31 has five octets for its sign, and no count in a certificate comes near.
  refuses('02 05 00 80 00 00 00', readSmallInteger, 0, 'INTEGER is out of range');
  assert.equal(readSmallInteger(reader('02047fffffff')), 0x7fffffff);
  assert.equal(readPositiveIntegerHex(reader('02020080')), '80');
  assert.equal(readPositiveIntegerHex(reader('020100')), '00');
  assert.equal(readPositiveIntegerHex(reader('02020abc')), '0ABC');
});

test('BIT STRING: whole octets, or named bits without trailing zeros and with clear unused bits', () => {
  refuses('03 00', readBitStringBytes, 0, 'BIT STRING not of whole octets');
  refuses('03 02 01 80', readBitStringBytes, 0, 'BIT STRING not of whole octets');
  refuses('03 00', readNamedBits, 0, 'BIT STRING with a wrong count of unused bits');
  refuses('03 02 08 80', readNamedBits, 0, 'BIT STRING with a wrong count of unused bits');
  refuses('03 01 01', readNamedBits, 0, 'BIT STRING with a wrong count of unused bits');
  refuses('03 02 06 80', readNamedBits, 0, 'named bits with trailing zeros');
  refuses('03 03 07 80 00', readNamedBits, 0, 'named bits with trailing zeros');
  refuses('03 02 07 00', readNamedBits, 0, 'named bits with trailing zeros');
  // Unused bits are zero (X.690, 11.2.1).
  refuses('03 02 07 81', readNamedBits, 0, 'named bits with trailing zeros');
  assert.deepEqual(readNamedBits(reader('03020780')), [0]);
  assert.deepEqual(readNamedBits(reader('03020106')), [5, 6]);
  assert.deepEqual(readNamedBits(reader('030100')), []);
});

test('OBJECT IDENTIFIER is in its shortest form', () => {
  const rule = 'OBJECT IDENTIFIER not in its shortest form, or out of range';
  refuses('06 00', readObjectIdentifier, 0, rule);
  refuses('06 02 80 01', readObjectIdentifier, 0, rule);
  refuses('06 03 55 80 01', readObjectIdentifier, 0, rule);
  refuses('06 02 55 9d', readObjectIdentifier, 0, rule);
  refuses(`06 41 ${'01'.repeat(65)}`, readObjectIdentifier, 0, rule);
  assert.equal(readObjectIdentifier(reader('0603551d13')), '2.5.29.19');
  assert.equal(readObjectIdentifier(reader('0603883703')), '2.999.3');
  assert.equal(readObjectIdentifier(reader('060127')), '0.39');
  assert.equal(readObjectIdentifier(reader('060128')), '1.0');
});

test('times are to the second, in UTC, in the form that belongs to their year', () => {
  const form = 'time not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ';
  const none = 'time that no calendar has';
  refuses('', readTime, 0, 'a time is missing');
  refuses('02 01 00', readTime, 0, 'a time is missing');
  refuses(time('17', '2601020304Z'), readTime, 0, form);
  refuses(time('17', '260102030405+0000'), readTime, 0, form);
  refuses(time('17', '260102030405z'), readTime, 0, form);
  refuses(time('17', '20500102030405Z'), readTime, 0, form);
  refuses(time('18', '500102030405Z'), readTime, 0, form);
  refuses(time('18', '20500102030405.0Z'), readTime, 0, form);
  refuses(time('18', '20260102030405Z'), readTime, 0, 'GeneralizedTime before 2050');
  refuses(time('18', '00500102030405Z'), readTime, 0, 'GeneralizedTime before 2050');
  for (const text of [
    '260230000000Z',
    '260229000000Z',
    '260100000000Z',
    '260431000000Z',
    '260000000000Z',
    '261301000000Z',
    '260001000000Z',
    '260101240000Z',
    '260101006000Z',
    '260101000060Z',
  ]) {
    refuses(time('17', text), readTime, 0, none);
  }
  assert.equal(readTime(reader(time('17', '500101000000Z'))), Date.UTC(1950, 0, 1));
  assert.equal(readTime(reader(time('17', '491231235959Z'))), Date.UTC(2049, 11, 31, 23, 59, 59));
  assert.equal(readTime(reader(time('17', '240229000000Z'))), Date.UTC(2024, 1, 29));
  assert.equal(readTime(reader(time('18', '99991231235959Z'))), Date.UTC(9999, 11, 31, 23, 59, 59));
});

test('where GeneralizedTime alone may stand, it is of any year', () => {
  const form = 'time not of the form YYYYMMDDHHMMSSZ';
  refuses(time('17', '260102030405Z'), readGeneralizedTime, 0, 'element 0x18 expected, 0x17 found');
  refuses(time('18', '260102030405Z'), readGeneralizedTime, 0, form);
  refuses(time('18', '20260102030405.5Z'), readGeneralizedTime, 0, form);
  refuses(time('18', '20260102030405'), readGeneralizedTime, 0, form);
  refuses(time('18', '21000229000000Z'), readGeneralizedTime, 0, 'time that no calendar has');
  assert.equal(readGeneralizedTime(reader(time('18', '20000229000000Z'))), Date.UTC(2000, 1, 29));
  for (const text of ['0000-01-01T00:00:00Z', '0099-12-31T23:59:59Z', '2026-06-01T12:00:00Z', '9999-12-31T23:59:59Z']) {
    const ms = Date.parse(text);
    assert.equal(readGeneralizedTime(reader(toHex(encodeGeneralizedTime(ms)))), ms);
  }
  assert.throws(() => encodeGeneralizedTime(Date.UTC(10_000, 0)), TypeError);
});

test('character strings hold what their type allows', () => {
  refuses('16 01 80', (from) => readIa5String(from), 0, 'IA5String with an octet above 0x7F');
  refuses('16 01 ff', readDirectoryString, 0, 'IA5String with an octet above 0x7F');
  refuses('13 01 40', readDirectoryString, 0, 'PrintableString with a character outside its set');
  refuses('13 01 2a', readDirectoryString, 0, 'PrintableString with a character outside its set');
  refuses('0c 01 ff', readDirectoryString, 0, 'UTF8String that is not UTF-8');
  refuses('0c 03 ed a0 80', readDirectoryString, 0, 'UTF8String that is not UTF-8');
  refuses('0c 02 c0 80', readDirectoryString, 0, 'UTF8String that is not UTF-8');
  refuses('02 01 00', readDirectoryString, 0, 'no DirectoryString');
  refuses('30 00', readDirectoryString, 0, 'no DirectoryString');
  refuses('', readDirectoryString, 0, 'no DirectoryString');
  refuses('1c 03 00 00 00', readDirectoryString, 0, 'UniversalString not of whole characters');
  refuses('1c 04 00 11 00 00', readDirectoryString, 0, 'UniversalString with a character that there is not');
  refuses('1c 04 00 00 d8 00', readDirectoryString, 0, 'UniversalString with a character that there is not');
  assert.equal(readDirectoryString(reader('1c08 0001f511 00000041')), '\u{1f511}A');
  refuses('1e 01 00', readDirectoryString, 0, 'BMPString of an odd length');
  refuses('1e 02 d8 00', readDirectoryString, 0, 'BMPString with a surrogate');
  assert.equal(readDirectoryString(reader('1e0400e9 0041')), 'éA');
  assert.equal(readDirectoryString(reader('0c03efbbbf')), '\ufeff', 'a byte order mark is a character of the name');
  assert.equal(readDirectoryString(reader('140141')), undefined);
});

test('SET OF is in order and without repetition', () => {
  const members = (...hex: string[]): Uint8Array[] => hex.map((one) => fromHex(one)!);
  const order = (list: Uint8Array[]) => () => requireSetOrder(reader(''), list);
  assert.throws(order(members('0402', '0401')), { evidence: { offset: 0, rule: 'SET OF out of order' } });
  assert.throws(order(members('0401', '0401')), { evidence: { offset: 0, rule: 'SET OF out of order' } });
  order(members('0401', '0402', '0500'))();
});

test('what is too large or too deep is refused unread', () => {
  assert.throws(() => DerReader.over(new Uint8Array(102_401)), {
    code: 'CS-DER-002',
    evidence: { offset: 0, limit: 'bytes', maximum: 102_400 },
  });
  DerReader.over(new Uint8Array(102_401), 200_000);
  const nested = Buffer.alloc(80);
  for (let at = 0; at < 40; at++) nested.set([0x30, 78 - 2 * at], 2 * at);
  let inner = DerReader.over(nested);
  for (let depth = 0; depth < 32; depth++) inner = inner.enter(tags.sequence);
  assert.throws(() => inner.enter(tags.sequence), {
    code: 'CS-DER-002',
    evidence: { offset: 64, limit: 'depth', maximum: 32 },
  });
});

test('a string as long as an object may be does not exhaust the stack', () => {
  const long = Buffer.concat([Buffer.of(0x16, 0x83, 0x01, 0x80, 0x00), Buffer.alloc(0x18000, 0x30)]);
  const text = deep(3000, () => readIa5String(DerReader.over(long)));
  assert.equal(text.length, 0x18000);
});

function deep<T>(levels: number, call: () => T): T {
  return levels === 0 ? call() : deep(levels - 1, call);
}
