/** Carries a database back to version 1, with all that version 1 knew: so that a real one is there to be migrated. */
import { chmodSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { migrate, migrations } from '../../../packages/countersign/src/store/sqlite/index.ts';

/** How many steps it is from there to the newest. */
export const stepsFromFirst: number = migrations.length - 1;

/**
 * The newest form of each table (`now`) in that of version 1, in the order in which one refers to the other. What version 1 held and no later version
 * does (of an intent, all but its serial number and time) is empty: nothing asks for it.
 */
const back: readonly string[] = [
  'INSERT INTO ledger SELECT id.only, id.id FROM now.ledger id',
  "INSERT INTO intent SELECT hex(serial), '', '', '', recorded_at FROM now.intent",
  "INSERT INTO intent SELECT hex(serial), '', origin, '', issued_at FROM now.certificate",
  `INSERT INTO certificate
    SELECT c.sequence, hex(c.serial), lower(hex(i.key)), hex(c.lineage), c.origin, c.profile, c.names, c.spiffe_id, lower(hex(c.public_key)),
      c.not_before, c.not_after, c.issued_at, c.life, c.certificate
    FROM now.certificate c JOIN now.issuer i ON i.id = c.issuer`,
  `INSERT INTO certificate_name
    SELECT n.name, hex(c.serial) FROM now.certificate_name n JOIN now.certificate c ON c.sequence = n.sequence`,
  `INSERT INTO token (id, secret_sha256, names, created_at, expires_at, certificate_life, claimed_by, claimed_at)
    SELECT id, secret_sha256, names, created_at, expires_at, certificate_life, claimed_by, claimed_at FROM now.token`,
  'DELETE FROM feed',
  'INSERT INTO feed SELECT only, number, latest_at, bundle FROM now.feed',
  'INSERT INTO feed_change SELECT number, at, bundle FROM now.feed_change',
  `INSERT INTO revocation
    SELECT lower(hex(i.key)), hex(r.serial), hex(r.lineage), lower(hex(c.public_key)), r.not_after, r.revoked_at, r.reason, r.number
    FROM now.revocation r JOIN now.issuer i ON i.id = r.issuer JOIN now.certificate c ON c.serial = r.serial`,
  `INSERT INTO endpoint (spiffe_id, endpoint, serial, acknowledged, seen_at, subscribed)
    SELECT spiffe_id, endpoint, serial, acknowledged, seen_at, subscribed FROM now.endpoint`,
  'UPDATE endpoint_touch SET at = (SELECT at FROM now.endpoint_touch)',
];

/** Nothing may have the file open. */
export function carryBack(file: string): void {
  const older = `${file}.first`;
  const database = new DatabaseSync(older);
  database.exec(`ATTACH '${file}' AS now`);
  const mark = Number(database.prepare('PRAGMA now.application_id').get()?.['application_id']);
  database.exec(`PRAGMA main.application_id = ${String(mark)}`);
  migrate(database, migrations.slice(0, 1), older, Date.now());
  database.exec('BEGIN');
  for (const sql of back) database.exec(sql);
  database.exec('COMMIT');
  database.exec('DETACH now');
  database.close();
  chmodSync(older, 0o600);
  // Without them it looks as after a good end.
  for (const left of ['-wal', '-shm', '.holder']) rmSync(`${file}${left}`, { force: true });
  renameSync(older, file);
}
