/** Opens the database file for this process alone, with the settings that make a commit durable, and checks it where it may be damaged. */
import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { Refusal } from '../../ground/errors/index.ts';
import { systemClock } from '../../ground/clock/index.ts';
import { checkIntegrity, type IntegrityDepth } from './check-integrity.ts';
import { endedUncleanly, holderOf, holderStays, leaveHolder, writeHolder } from './holder-file.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { failureKind } from './sqlite-failure.ts';
import { storageRefusal } from './storage-refusal.ts';

/** "CSgn": marks the file as ours (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x4353676e;

/** INCREMENTAL: what tidying has freed can be given back in small steps (https://sqlite.org/pragma.html#pragma_auto_vacuum). */
const incrementalVacuum = 2;

/** 12 MiB instead of SQLite's 2: the upper pages of each index at a million certificates, so that a look-up reads one or two. */
const cacheKibibytes = 12 * 1024;

/** 16 MiB: what the log is cut to after a checkpoint, so that one large transaction does not keep the room for ever. Own choice. */
const largestKeptLogBytes = 16 * 1024 * 1024;

/**
 * As many pages as make the log as long as it may stay, instead of 1000: a page that changes again and again is written into the database once for many
 * commits. The log grows no longer than this and one transaction; closing empties it.
 */
const checkpointPages = largestKeptLogBytes / 4096;

/** How a handle of the file comes about; another one for tests of its failures. */
export type OpenHandle = (file: string) => DatabaseSync;

export interface OpeningOptions {
  readonly migrations: readonly Migration[];
  readonly nowMs: number;
  readonly openHandle?: OpenHandle | undefined;
  /** After a failure of the disk: it is checked in any case, and can be read before it can be written; `settle` comes before writing. */
  readonly afterFailure?: boolean;
}

export function openDatabase(
  file: string,
  { migrations, nowMs, openHandle = plainHandle, afterFailure = false }: OpeningOptions,
): DatabaseSync {
  let database: DatabaseSync | undefined;
  let held = false;
  let unclean = true;
  try {
    createPrivate(file);
    unclean = endedUncleanly(file);
    database = openHandle(file);
    takePatiently(database, file);
    requireOurs(database, file);
    if (!afterFailure) settle(database);
    held = true;
    noteHolder(file, afterFailure);
    checkIntegrity(database, file, depthFor(database, unclean || afterFailure));
    migrate(database, migrations, file, nowMs);
    vacuumInSteps(database);
    return database;
  } catch (error) {
    // To close it takes its log away, which must not look as if somebody had; also where it was damaged before it could be called ours.
    if (held || failureKind(error) === 'damaged') leaveHolder(file, unclean || afterFailure);
    database?.close();
    throw openRefusal(error, file);
  }
}

function plainHandle(file: string): DatabaseSync {
  return new DatabaseSync(file, { timeout: 0, enableForeignKeyConstraints: true });
}

/**
 * Only ever created here, never opened: closing any handle of the file drops the locks that SQLite holds on it in this process
 * (https://sqlite.org/howtocorrupt.html, 2.2).
 */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      refuseShared(file);
      return;
    }
    throw error;
  }
}

/** It holds who has which certificate, and the hashes of tokens. SQLite gives its log the same mode. */
function refuseShared(file: string): void {
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return;
  throw new Refusal('CS-STATE-011', { path: file, mode: `0${mode.toString(8)}`, type: `chmod 600 ${file}` });
}

/** A killed process holds the file until the kernel has taken it apart, a closing one until it is closed: so long a start waits. Own choice. */
const longestEndMs = 5_000;

const betweenLooksMs = 10;

function takePatiently(database: DatabaseSync, file: string): void {
  const endMs = systemClock.monotonic() + longestEndMs;
  for (;;) {
    try {
      takeAlone(database, file);
      return;
    } catch (error) {
      if (failureKind(error) !== 'held' || holderStays(file) || systemClock.monotonic() > endMs) throw error;
    }
    // In a thread that has nothing else to do.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, betweenLooksMs);
  }
}

function takeAlone(database: DatabaseSync, file: string): void {
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  // Of a new file alone, and before anything is written in it.
  if (statSync(file).size === 0) database.exec(`PRAGMA auto_vacuum = ${String(incrementalVacuum)}`);
  // Exclusive before the first access in WAL mode: no shared memory, and the lock is held until the file is closed.
  database.exec('PRAGMA journal_mode = WAL');
  // FULL syncs the log at each commit: what was answered survives a power cut. NORMAL would lose the last commits.
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA fullfsync = ON');
  database.exec('PRAGMA trusted_schema = OFF');
  database.exec(`PRAGMA cache_size = -${String(cacheKibibytes)}`);
  database.exec(`PRAGMA wal_autocheckpoint = ${String(checkpointPages)}`);
  database.exec(`PRAGMA journal_size_limit = ${String(largestKeptLogBytes)}`);
  database.exec('BEGIN IMMEDIATE');
  database.exec('COMMIT');
}

/**
 * Empties the log into the database, and syncs both. After a failure of the disk it must have been done before anything is written: what a failed sync
 * left in the log may not be on the disk though it can be read, and whatever came behind it would be lost with it.
 */
export function settle(database: DatabaseSync): void {
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

/** @param mayFail on a full disk, while reading must go on */
function noteHolder(file: string, mayFail: boolean): void {
  try {
    writeHolder(file);
  } catch (error) {
    if (!mayFail) throw error;
  }
}

export function requireOurs(database: DatabaseSync, file: string): void {
  const found = Number(database.prepare('PRAGMA application_id').get()?.['application_id']);
  if (found === applicationId) return;
  const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.['tables']);
  if (found !== 0 || tables !== 0)
    throw new Refusal('CS-STORE-003', { file, why: 'it is a database of another program' });
  database.exec(`PRAGMA application_id = ${String(applicationId)}`);
}

/**
 * Beyond this the check at the start is the quick one: the whole one looks each row up in each index, which at a million certificates takes 16 s, the quick
 * one 2 s; what the whole one alone finds, an index that misses a row, is no work of a torn write. 64 MiB: about 65,000 certificates and half a second.
 */
const largestWholeBytes = 64 * 1024 * 1024;

/** After a clean end nothing but the disk can have damaged it, so the check is one that no start waits for: up to 32 MiB the quick one, 50 ms. Own choice. */
const largestQuickBytes = 32 * 1024 * 1024;

function depthFor(database: DatabaseSync, mayBeTorn: boolean): IntegrityDepth {
  const count = (pragma: string): number => Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
  const bytes = count('page_count') * count('page_size');
  if (mayBeTorn) return bytes > largestWholeBytes ? 'quick' : 'whole';
  return bytes > largestQuickBytes ? 'brief' : 'quick';
}

export function openRefusal(error: unknown, file: string): Refusal {
  return storageRefusal(error, `open ${file}`, file, () => holderOf(file));
}

/** A database of a version before this was wanted is written anew, once. */
function vacuumInSteps(database: DatabaseSync): void {
  const found = Number(database.prepare('PRAGMA auto_vacuum').get()?.['auto_vacuum']);
  if (found === incrementalVacuum) return;
  database.exec(`PRAGMA auto_vacuum = ${String(incrementalVacuum)}`);
  database.exec('VACUUM');
}
