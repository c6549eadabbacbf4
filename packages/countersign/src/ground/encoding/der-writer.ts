/** The writing side of DER: each function answers one whole element. */
import { compareBytes, concatBytes } from './bytes.ts';
import { contextConstructed, contextPrimitive, tags } from './der-tags.ts';
import { encodeObjectIdentifier } from './object-identifier.ts';

export function encodeElement(tag: number, contents: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(tag, ...lengthOctets(contents.length)), contents]);
}

export function encodeSequence(...members: readonly Uint8Array[]): Uint8Array {
  return encodeElement(tags.sequence, concatBytes(members));
}

/** SET OF: the members are put into DER's order (X.690, 11.6). */
export function encodeSetOf(members: readonly Uint8Array[]): Uint8Array {
  return encodeElement(tags.set, concatBytes([...members].sort(compareBytes)));
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
  const first = octets.findIndex((octet) => octet !== 0);
  const shortest = first === -1 ? Uint8Array.of(0) : octets.subarray(first);
  return encodeElement(tags.integer, (shortest[0] ?? 0) >= 0x80 ? concatBytes([Uint8Array.of(0), shortest]) : shortest);
}

export function encodeBitString(bytes: Uint8Array): Uint8Array {
  return encodeElement(tags.bitString, concatBytes([Uint8Array.of(0), bytes]));
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
  return encodeElement(tags.utf8String, new TextEncoder().encode(text));
}

function numberOctets(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new TypeError('an INTEGER is written from a whole number, zero or positive');
  const hex = value.toString(16);
  const even = hex.padStart(hex.length + (hex.length % 2), '0');
  return Uint8Array.from(even.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets = [...numberOctets(length)];
  return [0x80 | octets.length, ...octets];
}
