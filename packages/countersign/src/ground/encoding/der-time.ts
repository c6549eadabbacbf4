/** UTCTime and GeneralizedTime in the one form of each that RFC 5280 allows (4.1.2.5): to the second, in UTC, "Z". */
import type { DerReader } from './der-reader.ts';
import { tags } from './der-tags.ts';
import { encodeElement } from './der-writer.ts';

/**
 * Milliseconds since 1970. Years up to 2049 must be UTCTime, later ones GeneralizedTime (RFC 5280, 4.1.2.5).
 * @param form `any year` takes a GeneralizedTime before 2050 too, as the same section wants of whoever reads a certificate
 */
export function readTime(reader: DerReader, form: 'by year' | 'any year' = 'by year'): number {
  const { offset } = reader;
  const tag = reader.peek();
  if (tag !== tags.utcTime && tag !== tags.generalizedTime) throw reader.malformed('a time is missing');
  const contents = reader.contents(tag);
  const yearDigits = tag === tags.utcTime ? 2 : 4;
  if (contents.length !== yearDigits + 11 || !isDigitsAndZ(contents)) {
    throw reader.malformed('time not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ', offset);
  }
  const written = yearDigits === 2 ? pairAt(contents, 0) : pairAt(contents, 0) * 100 + pairAt(contents, 2);
  // Two digits from 50 on are of the century before (RFC 5280, 4.1.2.5.1).
  const year = yearDigits === 4 ? written : written >= 50 ? 1900 + written : 2000 + written;
  const ms = moment(year, contents, yearDigits);
  if (ms === undefined) throw reader.malformed('time that no calendar has', offset);
  if (form === 'by year' && tag === tags.generalizedTime && year < 2050) {
    throw reader.malformed('GeneralizedTime before 2050', offset);
  }
  return ms;
}

/** @param ms milliseconds since 1970, of which the seconds are written */
export function encodeTime(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+Z$/g, '');
  const year = Number(digits.slice(0, 4));
  if (digits.length !== 14 || year < 1950) throw new TypeError('a certificate holds times from 1950 to 9999');
  const [tag, text] = year < 2050 ? [tags.utcTime, digits.slice(2)] : [tags.generalizedTime, digits];
  return encodeElement(tag, new TextEncoder().encode(`${text}Z`));
}

function isDigitsAndZ(contents: Uint8Array): boolean {
  const last = contents.length - 1;
  for (let at = 0; at < last; at++) {
    const octet = contents[at] ?? 0;
    if (octet < 0x30 || octet > 0x39) return false;
  }
  return contents[last] === 0x5a;
}

function pairAt(contents: Uint8Array, at: number): number {
  return ((contents[at] ?? 0) - 0x30) * 10 + (contents[at + 1] ?? 0) - 0x30;
}

const monthDays: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function moment(year: number, contents: Uint8Array, from: number): number | undefined {
  const [month, day] = [pairAt(contents, from), pairAt(contents, from + 2)];
  const [hour, minute, second] = [pairAt(contents, from + 4), pairAt(contents, from + 6), pairAt(contents, from + 8)];
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = (monthDays[month - 1] ?? 0) + (leap ? 1 : 0);
  // Date.UTC takes years below 100 for those of the twentieth century, and no certificate is older than that.
  if (year < 100 || day < 1 || day > days || hour > 23 || minute > 59 || second > 59) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
