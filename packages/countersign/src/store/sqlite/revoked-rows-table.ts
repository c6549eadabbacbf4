/** What is revoked of one issuer, in columns, for its lists: read in pages, since everybody else waits for a read. */
import type { DatabaseSync } from 'node:sqlite';

import type { RevokedRowsPage, RowsCursor } from '../../issuing/crl/index.ts';
import { issuerIds } from './issuer-ids.ts';
import { bytes, number, octets, type Row, serial, text } from './row.ts';

export interface RevokedRowsTable {
  revokedRows(issuerKey: string, usefulSinceMs: number, after: RowsCursor | undefined, limit: number): RevokedRowsPage;
  revokedRowsSince(issuerKey: string, after: RowsCursor, limit: number): RevokedRowsPage;
  releasedRows(issuerKey: string, serialNumbers: readonly string[]): string[];
}

/** CRLReason's numbers (RFC 5280, 5.3.1). */
const reasonNumbers: Readonly<Record<string, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
};

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
  const columns = 'serial, not_after, revoked_at, reason, number FROM revocation';
  // Along the table itself, which lies in this order.
  const all = database.prepare(
    `SELECT ${columns} WHERE issuer = ? AND serial > ? AND not_after >= ? ORDER BY serial LIMIT ?`,
  );
  const since = database.prepare(`
    SELECT ${columns} WHERE number >= :number AND (number > :number OR serial > :serial) AND issuer = :issuer
    ORDER BY number, issuer, serial LIMIT :limit`);
  const one = database.prepare('SELECT 1 FROM revocation WHERE issuer = ? AND serial = ?');
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

function pageOf(rows: Iterable<Row>, limit: number): RevokedRowsPage {
  const serials = new Uint8Array(limit * (1 + mostOfASerial));
  const [revokedAt, notAfter] = [new Float64Array(limit), new Float64Array(limit)];
  const reasons = new Uint8Array(limit);
  let [count, end] = [0, 0];
  let last: Row | undefined;
  for (const row of rows) {
    const own = bytes(row, 'serial');
    if (own.length > mostOfASerial) throw new TypeError('a serial number is longer than any that is issued');
    serials[end] = own.length;
    serials.set(own, end + 1);
    end += 1 + own.length;
    revokedAt[count] = number(row, 'revoked_at');
    notAfter[count] = number(row, 'not_after');
    reasons[count] = reasonNumbers[text(row, 'reason')] ?? 0;
    count++;
    last = row;
  }
  return {
    serials: serials.slice(0, end),
    revokedAt: revokedAt.slice(0, count),
    notAfter: notAfter.slice(0, count),
    reasons: reasons.slice(0, count),
    ...(last === undefined ? {} : { last: { number: number(last, 'number'), serialNumber: serial(last, 'serial') } }),
    more: count === limit,
  };
}
