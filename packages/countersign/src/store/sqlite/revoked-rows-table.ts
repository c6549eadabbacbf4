/** What is revoked of one issuer, in columns, for its lists: read in pages, since everybody else waits for a read. */
import type { DatabaseSync } from 'node:sqlite';

import { toHex } from '../../ground/encoding/index.ts';
import type { RevokedRowsPage, RowsCursor } from '../../issuing/crl/index.ts';
import { issuerIds } from './issuer-ids.ts';
import { octets } from './row.ts';

export interface RevokedRowsTable {
  revokedRows(issuerKey: string, usefulSinceMs: number, after: RowsCursor | undefined, limit: number): RevokedRowsPage;
  revokedRowsSince(issuerKey: string, after: RowsCursor, limit: number): RevokedRowsPage;
  releasedRows(issuerKey: string, serialNumbers: readonly string[]): string[];
}

/** CRLReason's numbers (RFC 5280, 5.3.1), told by the database: a text for each row would be made to be thrown away. */
const reasonNumber = `CASE reason WHEN 'keyCompromise' THEN 1 WHEN 'cACompromise' THEN 2 WHEN 'affiliationChanged' THEN 3
  WHEN 'superseded' THEN 4 WHEN 'cessationOfOperation' THEN 5 WHEN 'certificateHold' THEN 6 WHEN 'privilegeWithdrawn' THEN 9
  WHEN 'aACompromise' THEN 10 ELSE 0 END`;

/** A serial number has 20 octets at the most (RFC 5280, 4.1.2.2). */
const mostOfASerial = 21;

const none: RevokedRowsPage = {
  serials: new Uint8Array(),
  revokedAt: new Float64Array(),
  notAfter: new Float64Array(),
  reasons: new Uint8Array(),
  more: false,
};

export function revokedRowsTable(database: DatabaseSync): RevokedRowsTable {
  const columns = `serial, not_after, revoked_at, ${reasonNumber}, number FROM revocation`;
  // Along the table itself, which lies in this order.
  const all = database.prepare(
    `SELECT ${columns} WHERE issuer = ? AND serial > ? AND not_after >= ? ORDER BY serial LIMIT ?`,
  );
  const since = database.prepare(`
    SELECT ${columns} WHERE number >= :number AND (number > :number OR serial > :serial) AND issuer = :issuer
    ORDER BY number, issuer, serial LIMIT :limit`);
  const one = database.prepare('SELECT 1 FROM revocation WHERE issuer = ? AND serial = ?');
  // As lists, which are made in half of the time that objects take.
  for (const statement of [all, since]) statement.setReturnArrays(true);
  const issuers = issuerIds(database);

  return {
    revokedRows: (issuerKey, usefulSinceMs, after, limit) => {
      const issuer = issuers.find(issuerKey);
      if (issuer === undefined) return none;
      const from = after === undefined ? new Uint8Array() : octets(after.serialNumber);
      return pageOf(all.iterate(issuer, from, usefulSinceMs, limit), limit);
    },
    revokedRowsSince: (issuerKey, after, limit) => {
      const issuer = issuers.find(issuerKey);
      if (issuer === undefined) return none;
      const from = { number: after.number, serial: octets(after.serialNumber), issuer, limit };
      return pageOf(since.iterate(from), limit);
    },
    releasedRows: (issuerKey, serialNumbers) => {
      const issuer = issuers.find(issuerKey);
      if (issuer === undefined) return [];
      return serialNumbers.filter((serialNumber) => one.get(issuer, octets(serialNumber)) === undefined);
    },
  };
}

function pageOf(rows: Iterable<unknown>, limit: number): RevokedRowsPage {
  const serials = new Uint8Array(limit * (1 + mostOfASerial));
  const [revokedAt, notAfter] = [new Float64Array(limit), new Float64Array(limit)];
  const reasons = new Uint8Array(limit);
  let [count, end] = [0, 0];
  let last: Columns | undefined;
  for (const row of rows as Iterable<Columns>) {
    const own = row[0];
    if (own.length > mostOfASerial) throw new TypeError('a serial number is longer than any that is issued');
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
type Columns = readonly [serial: Uint8Array, notAfter: number, revokedAt: number, reason: number, number: number];
