/** Certificates as they are read, with whether they are revoked. */
import type { DatabaseSync } from 'node:sqlite';

import type { CertificatePage, CertificateRecord, Revocation } from '../../issuing/authority/index.ts';
import { bytes, number, type Row, text } from './row.ts';

export interface InventoryTable {
  bySerialNumber(serialNumbers: readonly string[]): (CertificateRecord | undefined)[];
  byOrigin(origins: readonly string[]): (CertificateRecord | undefined)[];
  page(after: string | undefined, limit: number): CertificatePage;
}

export function inventoryTable(database: DatabaseSync): InventoryTable {
  const serial = database.prepare('SELECT * FROM certificate WHERE serial = ?');
  const origin = database.prepare('SELECT * FROM certificate WHERE origin = ? ORDER BY sequence LIMIT 1');
  const after = database.prepare('SELECT * FROM certificate WHERE sequence > ? ORDER BY sequence LIMIT ?');
  const own = database.prepare('SELECT revoked_at, reason, number FROM revocation WHERE issuer_key = ? AND serial = ?');
  const line = database.prepare(
    'SELECT revoked_at, reason, number FROM revocation WHERE lineage = ? ORDER BY number LIMIT 1',
  );

  const record = (row: Row | undefined): CertificateRecord | undefined => {
    if (row === undefined) return undefined;
    return {
      serialNumber: text(row, 'serial'),
      issuerKey: text(row, 'issuer_key'),
      lineage: text(row, 'lineage'),
      origin: text(row, 'origin'),
      profile: text(row, 'profile'),
      names: JSON.parse(text(row, 'names')) as string[],
      spiffeId: text(row, 'spiffe_id'),
      publicKeySha256: text(row, 'public_key_sha256'),
      notBeforeMs: number(row, 'not_before'),
      notAfterMs: number(row, 'not_after'),
      issuedAtMs: number(row, 'issued_at'),
      lifeMs: number(row, 'life'),
      certificate: bytes(row, 'certificate'),
      ...present('revoked', revocation(own.get(text(row, 'issuer_key'), text(row, 'serial')))),
      ...present('lineageRevoked', revocation(line.get(text(row, 'lineage')))),
    };
  };

  return {
    bySerialNumber: (serialNumbers) => serialNumbers.map((value) => record(serial.get(value))),
    byOrigin: (origins) => origins.map((value) => record(origin.get(value))),
    page: (start, limit) => {
      // One more than asked for shows whether there is a next page.
      const rows = after.all(start === undefined ? 0 : Number(start), limit + 1);
      const shown = rows.slice(0, limit);
      const records = shown.map(record).filter((found) => found !== undefined);
      const last = shown.at(-1);
      return rows.length > limit && last !== undefined
        ? { records, next: String(number(last, 'sequence')) }
        : { records };
    },
  };
}

function revocation(row: Row | undefined): Revocation | undefined {
  return row === undefined
    ? undefined
    : { atMs: number(row, 'revoked_at'), reason: text(row, 'reason'), number: number(row, 'number') };
}

function present(
  name: 'revoked' | 'lineageRevoked',
  value: Revocation | undefined,
): { [key in typeof name]?: Revocation } {
  return value === undefined ? {} : { [name]: value };
}
