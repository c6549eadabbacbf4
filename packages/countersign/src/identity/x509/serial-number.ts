/** Serial numbers as lists and OCSP name them: any INTEGER, since what was issued against the rules must be revocable too. */
import { type DerReader, fromHex, readIntegerBytes, tags, toHex } from '../../ground/encoding/index.ts';

/** As OpenSSL prints it: upper case, whole octets, a minus before a negative one ("-01"). */
export function readSerialNumber(reader: DerReader): string {
  return serialNumberText(readIntegerBytes(reader));
}

/** The same number in whatever length it is written (not DER), for certificates of old that `inspectCertificate` alone reads. */
export function readLooseSerialNumber(reader: DerReader): string {
  const { offset } = reader;
  const contents = reader.contents(tags.integer);
  if (contents.length === 0) throw reader.malformed('INTEGER without contents', offset);
  return serialNumberText(contents);
}

/** @param contents an INTEGER's, in its shortest form */
export function serialNumberText(contents: Uint8Array): string {
  if ((contents[0] ?? 0) >= 0x80) return `-${magnitudeText(negated(contents, 0xff))}`;
  return magnitudeText(contents);
}

function magnitudeText(octets: Uint8Array): string {
  const first = octets.findIndex((octet) => octet !== 0);
  return first === -1 ? '00' : toHex(octets.subarray(first)).toUpperCase();
}

/** The contents of the INTEGER that `serialNumberText` shows as `text`; `undefined` where it shows none so. */
export function serialNumberContents(text: string): Uint8Array | undefined {
  const negative = text.startsWith('-');
  const magnitude = fromHex(negative ? text.slice(1) : text);
  if (magnitude === undefined || magnitude.length === 0) return undefined;
  if (negative) return shortest(negated(magnitude, 0), 0xff);
  return shortest((magnitude[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...magnitude) : magnitude, 0);
}

/**
 * The negative of a number in two's complement, one octet longer.
 * @param sign the octet that extends the number to the left: 0, or 0xFF of a negative one
 */
function negated(octets: Uint8Array, sign: 0 | 0xff): Uint8Array {
  const result = Uint8Array.of(sign, ...octets);
  let carry = 1;
  for (let at = result.length - 1; at >= 0; at--) {
    const sum = (~(result[at] ?? 0) & 0xff) + carry;
    result[at] = sum & 0xff;
    carry = sum >> 8;
  }
  return result;
}

/** @param sign the octet that only repeats the sign: 0 or 0xFF */
function shortest(octets: Uint8Array, sign: 0 | 0xff): Uint8Array {
  let at = 0;
  while (at + 1 < octets.length && octets[at] === sign && ((octets[at + 1] ?? 0) & 0x80) === (sign & 0x80)) at++;
  return octets.subarray(at);
}
