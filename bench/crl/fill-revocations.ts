/** A database with very many revocations in it and nothing else, put there row by row behind the store's back. */
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from 'countersign/clock';
import { openSqliteStore } from 'countersign/sqlite';

const dayMs = 86_400_000;

/** @returns one serial number of them, upper-case hexadecimal */
export async function fillRevocations(file: string, issuerKey: string, count: number): Promise<string> {
  // Its schema.
  await (await openSqliteStore({ file, clock: systemClock })).close();
  const database = new DatabaseSync(file);
  // In the order of chance: beyond the cache each row would be a page that is read and written again.
  database.exec('PRAGMA cache_size = -262144');
  const nowMs = systemClock.now();
  database.exec('BEGIN');
  database.prepare('INSERT INTO issuer (id, key) VALUES (1, ?)').run(Buffer.from(issuerKey, 'hex'));
  const insert = database.prepare('INSERT INTO revocation VALUES (1, ?, ?, ?, ?, ?, ?)');
  let serial: Buffer = Buffer.alloc(16);
  for (let number = 1; number <= count; number++) {
    serial = randomBytes(16);
    serial[0] = ((serial[0] ?? 0) & 0x7f) | 1;
    const reason = number % 4 === 0 ? 'keyCompromise' : 'unspecified';
    insert.run(serial, serial, nowMs + 30 * dayMs, nowMs - (number % 1_000_000) * 1_000, reason, number);
  }
  database.prepare('UPDATE feed SET number = ?, latest_at = ?').run(count, nowMs);
  database.exec('COMMIT');
  database.close();
  return serial.toString('hex').toUpperCase();
}
