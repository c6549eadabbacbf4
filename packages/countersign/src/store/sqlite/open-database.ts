/** Opens the database file for this process alone, with the settings that make a commit durable. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';

/** "CSgn": marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x4353676e;

/** Result codes of SQLite (https://sqlite.org/rescode.html). */
const busy = 5;
const corrupt = 11;
const notADatabase = 26;

export function openDatabase(file: string, migrations: readonly Migration[], nowMs: number): DatabaseSync {
  createPrivate(file);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true });
    takeAlone(database);
    requireOurs(database, file);
    writeFileSync(holderFile(file), `${String(process.pid)}\n`, { mode: 0o600 });
    migrate(database, migrations, file, nowMs);
    return database;
  } catch (error) {
    database?.close();
    throw openRefusal(error, file);
  }
}

/**
 * Only ever created here, never opened: closing any handle of the file drops the locks that SQLite holds on it in this process
 * (https://sqlite.org/howtocorrupt.html, 2.2).
 */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw new Refusal('CS-STORE-002', { operation: `create ${file}`, why: String(error) }, { cause: error });
  }
}

function takeAlone(database: DatabaseSync): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  // Exclusive before the first access in WAL mode: no shared memory, and the lock is held until the file is closed.
  database.exec('PRAGMA journal_mode = WAL');
  // FULL syncs the log at each commit: what was answered survives a power cut. NORMAL would lose the last commits.
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA fullfsync = ON');
  database.exec('PRAGMA trusted_schema = OFF');
  database.exec('BEGIN IMMEDIATE');
  database.exec('COMMIT');
}

export function requireOurs(database: DatabaseSync, file: string): void {
  const found = Number(database.prepare('PRAGMA application_id').get()?.['application_id']);
  if (found === applicationId) return;
  const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']);
  if (found !== 0 || tables !== 0)
    throw new Refusal('CS-STORE-003', { file, why: 'it is a database of another program' });
  database.exec(`PRAGMA application_id = ${String(applicationId)}`);
}

export function openRefusal(error: unknown, file: string): Refusal {
  if (isRefusal(error)) return error;
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
  const why = error instanceof Error ? error.message : String(error);
  if (code === busy) return new Refusal('CS-STATE-001', { file, holder: holderOf(file) }, { cause: error });
  if (code === corrupt || code === notADatabase) return new Refusal('CS-STORE-003', { file, why }, { cause: error });
  return new Refusal('CS-STORE-002', { operation: `open ${file}`, why }, { cause: error });
}

/** Beside the database, since SQLite does not tell who holds a lock. */
function holderFile(file: string): string {
  return `${file}.holder`;
}

function holderOf(file: string): string {
  try {
    const pid = readFileSync(holderFile(file), 'utf8').trim();
    return /^\d+$/.test(pid) ? `process ${pid}` : 'not known';
  } catch {
    return 'not known';
  }
}
