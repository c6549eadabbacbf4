/** UTCTime and GeneralizedTime in the one form of each that RFC 5280 allows (4.1.2.5): to the second, in UTC, "Z". */
import { toBinaryText } from './binary-text.ts';
import type { DerReader } from './der-reader.ts';
import { tags } from './der-tags.ts';
import { encodeElement } from './der-writer.ts';

const utcForm = /^\d{12}Z$/;
const generalizedForm = /^\d{14}Z$/;

/**
 * Milliseconds since 1970. Years up to 2049 must be UTCTime, later ones GeneralizedTime (RFC 5280, 4.1.2.5).
 * @param form `any year` takes a GeneralizedTime before 2050 too, as the same section wants of whoever reads a certificate
 */
export function readTime(reader: DerReader, form: 'by year' | 'any year' = 'by year'): number {
  const { offset } = reader;
  const tag = reader.peek();
  if (tag !== tags.utcTime && tag !== tags.generalizedTime) throw reader.malformed('a time is missing');
  const text = toBinaryText(reader.contents(tag));
  if (!(tag === tags.utcTime ? utcForm : generalizedForm).test(text)) {
    throw reader.malformed('time not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ', offset);
  }
  const digits = tag === tags.utcTime ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}` : text;
  const ms = moment(digits);
  if (ms === undefined) throw reader.malformed('time that no calendar has', offset);
  if (form === 'by year' && tag === tags.generalizedTime && Number(digits.slice(0, 4)) < 2050) {
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

function moment(digits: string): number | undefined {
  const [year, month, day, hour, minute, second] = [
    digits.slice(0, 4),
    ...[4, 6, 8, 10, 12].map((at) => digits.slice(at, at + 2)),
  ].map(Number) as [number, number, number, number, number, number];
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries 31 February over into March; each field must come back as it went in.
  return new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+Z$/g, '') === digits.slice(0, 14) ? ms : undefined;
}
