/** Certificates as they are read, with whether they are revoked. */
import type { DatabaseSync } from 'node:sqlite';

import type { CertificatePage, CertificateRecord, Revocation } from '../../issuing/authority/index.ts';
import { bytes, hex, number, octets, octetsIfAny, type Row, serial, text } from './row.ts';

export interface InventoryTable {
  bySerialNumber(serialNumbers: readonly string[]): (CertificateRecord | undefined)[];
  byOrigin(origins: readonly string[]): (CertificateRecord | undefined)[];
  byName(name: string, after: string | undefined, limit: number): CertificatePage;
  lastEnd(issuerKey: string): number | undefined;
  page(after: string | undefined, limit: number): CertificatePage;
}

const columns = 'c.*, i.key AS issuer_key FROM certificate c JOIN issuer i ON i.id = c.issuer';

export function inventoryTable(database: DatabaseSync): InventoryTable {
  const ofSerial = database.prepare(`SELECT ${columns} WHERE c.serial = ?`);
  // The condition twice: as the index of tokens has it, so that it is used.
  const ofToken = database.prepare(`SELECT ${columns} WHERE c.origin = ? AND c.origin GLOB 'token:*'`);
  const after = database.prepare(`SELECT ${columns} WHERE c.sequence > ? ORDER BY c.sequence LIMIT ?`);
  const named = database.prepare(`
    SELECT ${columns} JOIN certificate_name n ON n.sequence = c.sequence
    WHERE n.name = ? AND n.sequence > ? ORDER BY n.sequence LIMIT ?`);
  const own = database.prepare('SELECT revoked_at, reason, number FROM revocation WHERE issuer = ? AND serial = ?');
  const line = database.prepare(
    "SELECT revoked_at, reason, number FROM revocation WHERE lineage = ? ORDER BY reason = 'certificateHold', number LIMIT 1",
  );

  // From the latest end on: one of the issuer's is soon met where there is any that counts.
  const latest = database.prepare(`
    SELECT c.not_after FROM certificate c JOIN issuer i ON i.id = c.issuer
    WHERE i.key = ? AND c.profile <> 'ocsp-signing' ORDER BY c.not_after DESC LIMIT 1`);
  const issuerOf = database.prepare('SELECT revoked_at, reason, number FROM revoked_issuer WHERE issuer = ?');

  const record = (row: Row | undefined): CertificateRecord | undefined => {
    if (row === undefined) return undefined;
    const ofIssuer = revocation(issuerOf.get(number(row, 'issuer')));
    return {
      serialNumber: serial(row, 'serial'),
      issuerKey: hex(row, 'issuer_key'),
      lineage: serial(row, 'lineage'),
      origin: text(row, 'origin'),
      profile: text(row, 'profile'),
      names: JSON.parse(text(row, 'names')) as string[],
      spiffeId: text(row, 'spiffe_id'),
      publicKeySha256: hex(row, 'public_key'),
      notBeforeMs: number(row, 'not_before'),
      notAfterMs: number(row, 'not_after'),
      issuedAtMs: number(row, 'issued_at'),
      lifeMs: number(row, 'life'),
      certificate: bytes(row, 'certificate'),
      ...present('revoked', ofIssuer ?? revocation(own.get(number(row, 'issuer'), bytes(row, 'serial')))),
      ...present('lineageRevoked', ofIssuer ?? revocation(line.get(bytes(row, 'lineage')))),
    };
  };
  const page = (rows: readonly Row[], limit: number): CertificatePage => {
    const shown = rows.slice(0, limit);
    const records = shown.map(record).filter((found) => found !== undefined);
    const last = shown.at(-1);
    return rows.length > limit && last !== undefined
      ? { records, next: String(number(last, 'sequence')) }
      : { records };
  };
  const bySerial = (serialNumber: string): CertificateRecord | undefined => {
    const value = octetsIfAny(serialNumber);
    return value === undefined ? undefined : record(ofSerial.get(value));
  };

  return {
    bySerialNumber: (serialNumbers) => serialNumbers.map(bySerial),
    byOrigin: (origins) => origins.map((value) => record(ofToken.get(value))),
    // One more than asked for shows whether there is a next page.
    byName: (name, start, limit) => page(named.all(name, sequenceOf(start), limit + 1), limit),
    lastEnd: (issuerKey) => {
      const row = latest.get(octets(issuerKey));
      return row === undefined ? undefined : number(row, 'not_after');
    },
    page: (start, limit) => page(after.all(sequenceOf(start), limit + 1), limit),
  };
}

function sequenceOf(start: string | undefined): number {
  return start === undefined ? 0 : Number(start);
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
