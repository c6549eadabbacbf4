/** An INTEGER that may be negative, read and written as a number that holds it exactly. */
import { type DerReader, encodeElement, readIntegerBytes, tags } from '../../../ground/encoding/index.ts';

/** Octets of two's complement that a number holds exactly. */
const mostOctets = 6;

export function readSignedNumber(reader: DerReader): number {
  const { offset } = reader;
  const octets = readIntegerBytes(reader);
  if (octets.length > mostOctets) throw reader.malformed('INTEGER is out of range', offset);
  const magnitude = octets.reduce((value, octet) => value * 256 + octet, 0);
  return (octets[0] ?? 0) >= 0x80 ? magnitude - 256 ** octets.length : magnitude;
}

export function encodeSignedNumber(value: number): Uint8Array {
  if (!Number.isSafeInteger(value)) throw new TypeError('an INTEGER is written from a whole number');
  for (let count = 1; count <= mostOctets; count++) {
    const half = 256 ** count / 2;
    if (value >= half || value < -half) continue;
    const hex = (value < 0 ? value + 2 * half : value).toString(16).padStart(2 * count, '0');
    return encodeElement(
      tags.integer,
      Uint8Array.from({ length: count }, (_, index) => Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16)),
    );
  }
  throw new TypeError('an INTEGER of at most six octets is written here');
}
