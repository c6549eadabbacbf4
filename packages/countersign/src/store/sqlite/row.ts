/** A row's columns, each checked to be what the schema says, and hexadecimal text as the octets that are kept of it. */
import type { SQLOutputValue } from 'node:sqlite';

export type Row = Record<string, SQLOutputValue>;

export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is not text`);
  return value;
}

export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`${column} is not a number`);
  return value;
}

export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`${column} is not a blob`);
  return value;
}

/** Octets of a column as lower-case hexadecimal digits. */
export function hex(row: Row, column: string): string {
  return Buffer.from(bytes(row, column)).toString('hex');
}

/** A serial number as it is shown: upper-case hexadecimal digits. */
export function serial(row: Row, column: string): string {
  return hex(row, column).toUpperCase();
}

/** The octets that hexadecimal digits stand for: half as long, on disk and in every index. Anything else is a mistake of the caller's. */
export function octets(digits: string): Uint8Array {
  const value = octetsIfAny(digits);
  if (value === undefined) throw new TypeError('hexadecimal digits in pairs are expected');
  return value;
}

/** As `octets`; `undefined` where the digits come from outside and stand for nothing that can be on record. */
export function octetsIfAny(digits: string): Uint8Array | undefined {
  // Node's own conversion, which takes a tenth of the time of one in JavaScript but stops silently at what is no digit.
  return /^(?:[0-9a-fA-F]{2})+$/.test(digits) ? Buffer.from(digits, 'hex') : undefined;
}
