/** UTCTime and GeneralizedTime in the one form of each that RFC 5280 allows (4.1.2.5): to the second, in UTC, "Z". */
import type { DerReader } from './der-reader.ts';
import { tags } from './der-tags.ts';

const [zero, nine, zulu] = [0x30, 0x39, 0x5a];

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
  if (!hasForm(contents, yearDigits)) {
    throw reader.malformed('time not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ', offset);
  }
  const written = numberAt(contents, 0, yearDigits);
  const year = tag === tags.utcTime ? written + (written >= 50 ? 1900 : 2000) : written;
  const ms = moment(reader, offset, year, contents, yearDigits);
  if (form === 'by year' && tag === tags.generalizedTime && year < 2050) {
    throw reader.malformed('GeneralizedTime before 2050', offset);
  }
  return ms;
}

/** Milliseconds since 1970, of a GeneralizedTime whatever its year, as in OCSP (RFC 6960, 4.2.2.1) and the extensions of lists (RFC 5280, 5.3.2). */
export function readGeneralizedTime(reader: DerReader): number {
  const { offset } = reader;
  const contents = reader.contents(tags.generalizedTime);
  if (!hasForm(contents, 4)) throw reader.malformed('time not of the form YYYYMMDDHHMMSSZ', offset);
  return moment(reader, offset, numberAt(contents, 0, 4), contents, 4);
}

/** @param ms milliseconds since 1970, of which the seconds are written */
export function encodeTime(ms: number): Uint8Array {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 1950 && year <= 9999)) throw new TypeError('a certificate holds times from 1950 to 9999');
  return year < 2050 ? encodeDate(tags.utcTime, date, 2) : encodeDate(tags.generalizedTime, date, 4);
}

/** @param ms milliseconds since 1970, of which the seconds are written */
export function encodeGeneralizedTime(ms: number): Uint8Array {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 0 && year <= 9999)) throw new TypeError('a GeneralizedTime is of the years 0 to 9999');
  return encodeDate(tags.generalizedTime, date, 4);
}

/** @param yearDigits the last so many of the year's, before MMDDHHMMSSZ */
function encodeDate(tag: number, date: Date, yearDigits: 2 | 4): Uint8Array {
  const element = new Uint8Array(yearDigits + 13);
  element[0] = tag;
  element[1] = yearDigits + 11;
  const year = date.getUTCFullYear();
  if (yearDigits === 4) writePair(element, 2, Math.floor(year / 100));
  const from = yearDigits;
  writePair(element, from, year % 100);
  writePair(element, from + 2, date.getUTCMonth() + 1);
  writePair(element, from + 4, date.getUTCDate());
  writePair(element, from + 6, date.getUTCHours());
  writePair(element, from + 8, date.getUTCMinutes());
  writePair(element, from + 10, date.getUTCSeconds());
  element[from + 12] = zulu;
  return element;
}

/** Two digits. */
function writePair(element: Uint8Array, at: number, number: number): void {
  element[at] = zero + Math.floor(number / 10);
  element[at + 1] = zero + (number % 10);
}

// A revocation list holds a time for each of its entries, hundreds of thousands: they are read as octets, without a text made of each.

function hasForm(contents: Uint8Array, yearDigits: number): boolean {
  const digits = yearDigits + 10;
  if (contents.length !== digits + 1 || contents[digits] !== zulu) return false;
  for (let at = 0; at < digits; at++) {
    const octet = contents[at] ?? 0;
    if (octet < zero || octet > nine) return false;
  }
  return true;
}

function numberAt(contents: Uint8Array, at: number, count: number): number {
  let number = 0;
  for (let index = at; index < at + count; index++) number = number * 10 + (contents[index] ?? 0) - zero;
  return number;
}

/** The calendar repeats after 400 years; Date.UTC takes years below 100 for those of the 20th century. */
const cycleYears = 400;
const cycleMs = 146_097 * 86_400_000;

const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** @param from where MMDDHHMMSSZ begins in `contents` */
function moment(reader: DerReader, offset: number, year: number, contents: Uint8Array, from: number): number {
  const two = (index: number): number => numberAt(contents, from + 2 * index, 2);
  const [month, day, hour, minute, second] = [two(0), two(1), two(2), two(3), two(4)];
  const leapDay = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 1 : 0;
  const days = (monthDays[month - 1] ?? 0) + leapDay;
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59) {
    throw reader.malformed('time that no calendar has', offset);
  }
  return Date.UTC(year + cycleYears, month - 1, day, hour, minute, second) - cycleMs;
}
