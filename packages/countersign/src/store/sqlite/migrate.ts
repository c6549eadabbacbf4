/** Brings a database to the newest schema; refuses one that a newer version has written. */
import type { DatabaseSync } from 'node:sqlite';

import { Refusal } from '../../ground/errors/index.ts';
import type { Migration } from './migrations/migration.ts';

/** @param nowMs written beside each step, for people who look */
export function migrate(database: DatabaseSync, migrations: readonly Migration[], file: string, nowMs: number): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
  );
  const found = Number(
    database.prepare('SELECT coalesce(max(version), 0) AS version FROM migration').get()?.['version'],
  );
  const supported = migrations.at(-1)?.version ?? 0;
  if (found > supported) throw new Refusal('CS-STORE-001', { file, found, supported });
  const record = database.prepare('INSERT INTO migration VALUES (?, ?, ?)');
  for (const { version, name, sql } of migrations) {
    if (version <= found) continue;
    // Each step whole or not at all: a crash leaves a database of the version before.
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(sql);
      record.run(version, name, nowMs);
      database.exec('COMMIT');
    } catch (error) {
      // After a failure of the disk SQLite has done it already.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
