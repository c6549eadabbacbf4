/** What is revoked of one issuer, in columns, for its lists: read in pages, since everybody else waits for a read. */
import type { DatabaseSync } from 'node:sqlite';

import { giveBack, toHex } from '../../ground/encoding/index.ts';
import type { RevokedRowsPage, RowsCursor } from '../../issuing/crl/index.ts';
import { issuerIds } from './issuer-ids.ts';
import { octets } from './row.ts';

export interface RevokedRowsTable {
  revokedRows(issuerKey: string, usefulSinceMs: number, after: RowsCursor | undefined, limit: number): RevokedRowsPage;
  revokedRowsSince(issuerKey: string, after: RowsCursor, limit: number): RevokedRowsPage;
  releasedRows(issuerKey: string, serialNumbers: readonly string[]): string[];
}

/** CRLReason's numbers (RFC 5280, 5.3.1), told by the database: a text for each row would be made to be thrown away. */
const reasonNumber = (
  table: string,
): string => `CASE ${table}.reason WHEN 'keyCompromise' THEN 1 WHEN 'cACompromise' THEN 2 WHEN 'affiliationChanged' THEN 3
  WHEN 'superseded' THEN 4 WHEN 'cessationOfOperation' THEN 5 WHEN 'certificateHold' THEN 6 WHEN 'privilegeWithdrawn' THEN 9
  WHEN 'aACompromise' THEN 10 ELSE 0 END`;

/** A serial number has 20 octets at the most (RFC 5280, 4.1.2.2). */
const mostOfASerial = 21;

/** Each time another: a page is handed on to another thread. */
const none = (): RevokedRowsPage => ({
  serials: new Uint8Array(),
  revokedAt: new Float64Array(),
  notAfter: new Float64Array(),
  reasons: new Uint8Array(),
  more: false,
});

export function revokedRowsTable(database: DatabaseSync): RevokedRowsTable {
  const columns = `r.serial, r.not_after, r.revoked_at, ${reasonNumber('r')} AS reason, r.number FROM revocation r`;
  const some = `r.issuer = :issuer AND r.serial > :serial AND r.not_after >= :useful`;
  const later = 'r.number >= :number AND (r.number > :number OR r.serial > :serial) AND r.issuer = :issuer';
  // Along the table itself, which lies in this order.
  const all = database.prepare(inColumns(`SELECT ${columns} WHERE ${some} ORDER BY r.serial LIMIT :limit`));
  const since = database.prepare(`
    SELECT ${columns} WHERE ${later} ORDER BY r.number, r.issuer, r.serial LIMIT :limit`);
  // Of an issuer that is revoked as a whole, everything on record is, too: who reads its lists alone is told so.
  const others = `
    SELECT c.serial, c.not_after, s.revoked_at, ${reasonNumber('s')}, s.number FROM revoked_issuer s JOIN certificate c ON c.issuer = s.issuer
    WHERE s.issuer = :issuer AND NOT EXISTS (SELECT 1 FROM revocation r WHERE r.issuer = c.issuer AND r.serial = c.serial)`;
  const allOfRevoked = database.prepare(
    inColumns(`
      SELECT ${columns} WHERE ${some} UNION ALL ${others} AND c.serial > :serial AND c.not_after >= :useful
      ORDER BY 1 LIMIT :limit`),
  );
  const sinceOfRevoked = database.prepare(`
    SELECT ${columns} WHERE ${later} UNION ALL ${others} AND (s.number > :number OR (s.number = :number AND c.serial > :serial))
    ORDER BY 5, 1 LIMIT :limit`);
  const revoked = database.prepare('SELECT 1 FROM revoked_issuer WHERE issuer = ?');
  const one = database.prepare('SELECT 1 FROM revocation WHERE issuer = ? AND serial = ?');
  // As lists, which are made in half of the time that objects take.
  for (const statement of [all, since, allOfRevoked, sinceOfRevoked]) statement.setReturnArrays(true);
  const issuers = issuerIds(database);

  return {
    revokedRows: (issuerKey, usefulSinceMs, after, limit) => {
      const issuer = issuers.find(issuerKey);
      if (issuer === undefined) return none();
      const serial = after === undefined ? new Uint8Array() : octets(after.serialNumber);
      const statement = revoked.get(issuer) === undefined ? all : allOfRevoked;
      return pageInColumns(statement.get({ issuer, serial, useful: usefulSinceMs, limit }), limit);
    },
    revokedRowsSince: (issuerKey, after, limit) => {
      const issuer = issuers.find(issuerKey);
      if (issuer === undefined) return none();
      const from = { number: after.number, serial: octets(after.serialNumber), issuer, limit };
      const statement = revoked.get(issuer) === undefined ? since : sinceOfRevoked;
      return pageOf(statement.iterate(from), limit);
    },
    releasedRows: (issuerKey, serialNumbers) => {
      const issuer = issuers.find(issuerKey);
      if (issuer === undefined) return [];
      return serialNumbers.filter((serialNumber) => one.get(issuer, octets(serialNumber)) === undefined);
    },
  };
}

/**
 * One row for all of a page: a value that crosses into JavaScript costs more than all that SQLite does for it. An octet of the database's UTF-8 is the
 * character of that number below 128, and a blob that is made text keeps its octets. With max() the other columns are those of its row.
 */
function inColumns(rows: string): string {
  return `SELECT count(*), CAST(group_concat(char(length(serial)) || serial, '') AS BLOB), CAST(group_concat(not_after) AS BLOB),
    CAST(group_concat(revoked_at) AS BLOB), CAST(group_concat(char(reason), '') AS BLOB),
    count(*) FILTER (WHERE length(serial) > ${String(mostOfASerial)}), max(serial), number FROM (${rows})`;
}

function pageInColumns(row: unknown, limit: number): RevokedRowsPage {
  const [count, serials, notAfter, revokedAt, reasons, tooLong, serial, number] = row as Aggregate;
  if (serials === null || serial === null) return none();
  if (tooLong > 0) throw new TypeError(longSerial);
  const numbers = { revokedAt: numbersOf(revokedAt, count), notAfter: numbersOf(notAfter, count) };
  giveBack([revokedAt, notAfter]);
  return {
    ...{ serials, ...numbers, reasons },
    last: { number, serialNumber: toHex(serial).toUpperCase() },
    more: count === limit,
  };
}

/** Integers in decimal digits, with commas between them. */
function numbersOf(digits: Uint8Array, count: number): Float64Array {
  const numbers = new Float64Array(count);
  let [at, value, sign] = [0, 0, 1];
  for (let index = 0; index < digits.length; index++) {
    const octet = digits[index] ?? zero;
    if (octet >= zero) value = value * 10 + octet - zero;
    else if (octet === minus) sign = -1;
    else {
      numbers[at++] = sign * value;
      [value, sign] = [0, 1];
    }
  }
  numbers[at] = sign * value;
  return numbers;
}

const [zero, minus] = [0x30, 0x2d];

const longSerial = 'a serial number is longer than any that is issued';

function pageOf(rows: Iterable<unknown>, limit: number): RevokedRowsPage {
  const serials = new Uint8Array(limit * (1 + mostOfASerial));
  const [revokedAt, notAfter] = [new Float64Array(limit), new Float64Array(limit)];
  const reasons = new Uint8Array(limit);
  let [count, end] = [0, 0];
  let last: Columns | undefined;
  for (const row of rows as Iterable<Columns>) {
    const own = row[0];
    if (own.length > mostOfASerial) throw new TypeError(longSerial);
    serials[end] = own.length;
    // By hand: `set` takes longer than sixteen octets do.
    for (let at = 0; at < own.length; at++) serials[end + 1 + at] = own[at] ?? 0;
    end += 1 + own.length;
    notAfter[count] = row[1];
    revokedAt[count] = row[2];
    reasons[count] = row[3];
    count++;
    last = row;
  }
  return {
    serials: serials.slice(0, end),
    revokedAt: revokedAt.slice(0, count),
    notAfter: notAfter.slice(0, count),
    reasons: reasons.slice(0, count),
    ...(last === undefined ? {} : { last: { number: last[4], serialNumber: toHex(last[0]).toUpperCase() } }),
    more: count === limit,
  };
}

/** In the order of the statements; the schema is strict, so that each column has its type. */
type Aggregate = readonly [
  count: number,
  serials: Uint8Array | null,
  notAfter: Uint8Array,
  revokedAt: Uint8Array,
  reasons: Uint8Array,
  tooLong: number,
  serial: Uint8Array | null,
  number: number,
];

type Columns = readonly [serial: Uint8Array, notAfter: number, revokedAt: number, reason: number, number: number];
