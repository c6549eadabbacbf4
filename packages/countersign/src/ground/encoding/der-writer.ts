/** The writing side of DER: each function answers one whole element. */
import { compareBytes } from './bytes.ts';
import { contextConstructed, contextPrimitive, tags } from './der-tags.ts';
import { encodeObjectIdentifier } from './object-identifier.ts';

export function encodeElement(tag: number, contents: Uint8Array): Uint8Array {
  return encodeMembers(tag, [contents]);
}

export function encodeSequence(...members: readonly Uint8Array[]): Uint8Array {
  return encodeMembers(tags.sequence, members);
}

/** SET OF: the members are put into DER's order (X.690, 11.6). */
export function encodeSetOf(members: readonly Uint8Array[]): Uint8Array {
  return encodeMembers(tags.set, [...members].sort(compareBytes));
}

/** One element around its members, each of which is copied once. */
function encodeMembers(tag: number, members: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const member of members) length += member.length;
  const count = lengthOctetCount(length);
  const element = new Uint8Array(1 + count + length);
  element[0] = tag;
  writeLength(element, length, count);
  let at = 1 + count;
  for (const member of members) {
    element.set(member, at);
    at += member.length;
  }
  return element;
}

/** Identifier and length alone, for contents that are too long to be copied into one element. */
export function encodeHead(tag: number, length: number): Uint8Array {
  const count = lengthOctetCount(length);
  const head = new Uint8Array(1 + count);
  head[0] = tag;
  writeLength(head, length, count);
  return head;
}

/** `[number] EXPLICIT`. */
export function encodeExplicit(number: number, element: Uint8Array): Uint8Array {
  return encodeElement(contextConstructed(number), element);
}

/** `[number] IMPLICIT` over a primitive type's contents. */
export function encodeImplicit(number: number, contents: Uint8Array): Uint8Array {
  return encodeElement(contextPrimitive(number), contents);
}

export function encodeBoolean(value: boolean): Uint8Array {
  return Uint8Array.of(tags.boolean, 1, value ? 0xff : 0);
}

/** @param magnitude the octets of a number that is zero or positive, most significant first */
export function encodeInteger(magnitude: Uint8Array | number): Uint8Array {
  const octets = typeof magnitude === 'number' ? numberOctets(magnitude) : magnitude;
  let first = 0;
  while (first < octets.length && octets[first] === 0) first++;
  // Zero itself, and a number whose first bit would read as a sign, begin with an octet of zeros (X.690, 8.3).
  const positive = first === octets.length || (octets[first] ?? 0) >= 0x80 ? [zeroOctet] : [];
  return encodeMembers(tags.integer, [...positive, octets.subarray(first)]);
}

export function encodeBitString(bytes: Uint8Array): Uint8Array {
  return encodeMembers(tags.bitString, [zeroOctet, bytes]);
}

/** A list of named bits without trailing zeros (X.690, 11.2.2). */
export function encodeNamedBits(bits: readonly number[]): Uint8Array {
  if (bits.length === 0) return Uint8Array.of(tags.bitString, 1, 0);
  const last = Math.max(...bits);
  const contents = new Uint8Array(2 + (last >> 3));
  contents[0] = 7 - (last & 7);
  for (const bit of bits) contents[1 + (bit >> 3)] = (contents[1 + (bit >> 3)] ?? 0) | (0x80 >> (bit & 7));
  return encodeElement(tags.bitString, contents);
}

export function encodeOctetString(bytes: Uint8Array): Uint8Array {
  return encodeElement(tags.octetString, bytes);
}

export function encodeOid(dotted: string): Uint8Array {
  return encodeElement(tags.objectIdentifier, encodeObjectIdentifier(dotted));
}

export function encodeUtf8String(text: string): Uint8Array {
  return encodeElement(tags.utf8String, utf8.encode(text));
}

const utf8 = new TextEncoder();

/** Before the octets of a BIT STRING it says that none of its bits is unused; before those of an INTEGER, that it is positive. */
const zeroOctet = Uint8Array.of(0);

function numberOctets(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new TypeError('an INTEGER is written from a whole number, zero or positive');
  const hex = value.toString(16);
  const even = hex.padStart(hex.length + (hex.length % 2), '0');
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** How many octets the length takes in its shortest form (X.690, 10.1). */
function lengthOctetCount(length: number): number {
  if (length < 0x80) return 1;
  let count = 1;
  for (let left = length; left > 0; left = Math.floor(left / 256)) count++;
  return count;
}

/** Behind the tag, which is one octet. */
function writeLength(element: Uint8Array, length: number, count: number): void {
  if (count === 1) {
    element[1] = length;
    return;
  }
  element[1] = 0x80 | (count - 1);
  let left = length;
  for (let at = count; at > 1; at--) {
    element[at] = left % 256;
    left = Math.floor(left / 256);
  }
}
