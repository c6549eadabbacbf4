/** The database as it is held for as long as the thread lives: given up after a failure of the disk, and opened anew when it is asked for again. */
import type { DatabaseSync } from 'node:sqlite';

import { systemClock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { leaveHolder } from './holder-file.ts';
import { migrations } from './migrations/migrations.ts';
import { openDatabase, type OpenHandle, settle } from './open-database.ts';
import { type Operations, operations } from './operations.ts';

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  readonly known: Operations;
}

export interface RecoveringDatabase {
  /** For reading. Throws why it can not be opened, at present or for good. */
  readable(): OpenedDatabase;
  /** For writing: after a failure of the disk only once everything in the log is where it belongs. */
  writable(): OpenedDatabase;
  /** Nobody knows what is on disk: nothing is written before it was closed, opened anew and checked. */
  giveUp(): void;
  close(): void;
}

/** 200 ms between attempts: soon enough for whoever waits, and thousands of callers on a full disk cost nothing. Own choice. */
const retryMs = 200;

/** These do not pass by themselves: another process has the file now, or it is damaged. */
const lasting: ReadonlySet<string> = new Set([
  'CS-STATE-001',
  'CS-STORE-001',
  'CS-STORE-003',
  'CS-STORE-006',
  'CS-STATE-011',
]);

export function isLasting(error: unknown): boolean {
  return isRefusal(error) && lasting.has(error.code);
}

export function recoveringDatabase(file: string, nowMs: number, openHandle?: OpenHandle): RecoveringDatabase {
  const open = (afterFailure: boolean): OpenedDatabase => {
    const database = openDatabase(file, { migrations, nowMs, openHandle, afterFailure });
    return { database, known: operations(database) };
  };
  let opened: OpenedDatabase | undefined = open(false);
  let settled = true;
  let failed: { readonly refusal: Refusal; readonly atMs: number } | undefined;

  const end = (unclean: boolean): void => {
    const { database } = opened ?? {};
    opened = undefined;
    settled = false;
    if (database === undefined) return;
    leaveHolder(file, unclean);
    database.close();
  };
  const reopen = (): OpenedDatabase => {
    if (failed !== undefined && systemClock.monotonic() - failed.atMs < retryMs) throw failed.refusal;
    try {
      const next = open(true);
      failed = undefined;
      return next;
    } catch (error) {
      if (isRefusal(error)) failed = { refusal: error, atMs: systemClock.monotonic() };
      throw error;
    }
  };

  const readable = (): OpenedDatabase => (opened ??= reopen());

  return {
    readable,
    writable: () => {
      const { database, known } = readable();
      if (!settled) settle(database);
      settled = true;
      return { database, known };
    },
    giveUp: () => {
      try {
        // Should this process end before it is opened anew, the check is still owed.
        end(true);
      } catch {
        // Whatever it says, what counts is whether it can be opened again.
      }
    },
    close: () => end(false),
  };
}
