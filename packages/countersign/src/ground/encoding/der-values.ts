/** The primitive values of DER, read strictly: canonical booleans, integers, bit strings, identifiers, times and strings. */
import { hexOf } from './hex.ts';
import type { DerReader } from './der-reader.ts';
import { tags } from './der-tags.ts';
import { compareBytes } from './bytes.ts';
import { objectIdentifierIn } from './object-identifier.ts';

/** TRUE is 0xFF and nothing else (X.690, 11.1). */
export function readBoolean(reader: DerReader, tag: number = tags.boolean): boolean {
  const { offset } = reader;
  const contents = reader.contents(tag);
  if (contents.length !== 1) throw reader.malformed('BOOLEAN of other than one octet', offset);
  if (contents[0] !== 0 && contents[0] !== 0xff)
    throw reader.malformed('BOOLEAN that is neither 0x00 nor 0xFF', offset);
  return contents[0] === 0xff;
}

/** A BOOLEAN DEFAULT FALSE: absent is false, and FALSE written out is not DER (X.690, 11.5). */
export function readBooleanDefaultFalse(reader: DerReader, tag: number = tags.boolean): boolean {
  if (reader.peek() !== tag) return false;
  const { offset } = reader;
  if (!readBoolean(reader, tag)) throw reader.malformed('a default value written out', offset);
  return true;
}

/** The contents of an INTEGER in its shortest two's complement form (X.690, 8.3.2). */
export function readIntegerBytes(reader: DerReader, tag: number = tags.integer): Uint8Array {
  const { offset } = reader;
  const contents = reader.contents(tag);
  const [first, second] = [contents[0], contents[1]];
  if (first === undefined) throw reader.malformed('INTEGER without contents', offset);
  if (second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))) {
    throw reader.malformed('INTEGER not in its shortest form', offset);
  }
  return contents;
}

/** A small INTEGER, zero or positive. */
export function readSmallInteger(reader: DerReader, tag: number = tags.integer): number {
  const { offset } = reader;
  const contents = readIntegerBytes(reader, tag);
  if ((contents[0] ?? 0) >= 0x80) throw reader.malformed('INTEGER is negative', offset);
  if (contents.length > 4) throw reader.malformed('INTEGER is out of range', offset);
  let value = 0;
  for (let at = 0; at < contents.length; at++) value = value * 256 + (contents[at] ?? 0);
  return value;
}

/** A positive INTEGER's magnitude in hexadecimal as OpenSSL prints it: upper case, whole octets, no leading zero octet. */
export function readPositiveIntegerHex(reader: DerReader, tag: number = tags.integer): string {
  const { offset } = reader;
  const contents = readIntegerBytes(reader, tag);
  if ((contents[0] ?? 0) >= 0x80) throw reader.malformed('INTEGER is negative', offset);
  return hexOf(contents, contents[0] === 0 && contents.length > 1 ? 1 : 0, contents.length).toUpperCase();
}

/** A BIT STRING of whole octets. */
export function readBitStringBytes(reader: DerReader, tag: number = tags.bitString): Uint8Array {
  const { offset } = reader;
  const octets = reader.decode(tag, wholeOctets);
  if (octets === undefined) throw reader.malformed('BIT STRING not of whole octets', offset);
  return octets;
}

/** What follows the count of unused bits, where that is zero. */
function wholeOctets(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
  return start < end && bytes[start] === 0 ? bytes.subarray(start + 1, end) : undefined;
}

/** A BIT STRING as a list of named bits: the numbers of the bits that are set; no trailing zero bits (X.690, 11.2.2). */
export function readNamedBits(reader: DerReader, tag: number = tags.bitString): number[] {
  const { offset } = reader;
  const contents = reader.contents(tag);
  const unused = contents[0];
  if (unused === undefined || unused > 7 || (unused > 0 && contents.length === 1)) {
    throw reader.malformed('BIT STRING with a wrong count of unused bits', offset);
  }
  const bits: number[] = [];
  for (let bit = 0; bit < (contents.length - 1) * 8; bit++) {
    if (((contents[1 + (bit >> 3)] ?? 0) & (0x80 >> (bit & 7))) !== 0) bits.push(bit);
  }
  const last = bits.at(-1) ?? -1;
  if (last !== (contents.length - 1) * 8 - unused - 1) throw reader.malformed('named bits with trailing zeros', offset);
  return bits;
}

/** An OBJECT IDENTIFIER in dotted form. */
export function readObjectIdentifier(reader: DerReader): string {
  const { offset } = reader;
  const text = reader.decode(tags.objectIdentifier, objectIdentifierIn);
  if (text === undefined) throw reader.malformed('OBJECT IDENTIFIER not in its shortest form, or out of range', offset);
  return text;
}

/** Refuses members of a SET OF that are out of DER's order (X.690, 11.6) or repeated. */
export function requireSetOrder(reader: DerReader, members: readonly Uint8Array[]): void {
  for (let index = 1; index < members.length; index++) {
    const [earlier, later] = [members[index - 1], members[index]];
    if (earlier !== undefined && later !== undefined && compareBytes(earlier, later) >= 0) {
      throw reader.malformed('SET OF out of order');
    }
  }
}
