/** The lives of the authority, each but the first begun with a backup. */
import type { DatabaseSync } from 'node:sqlite';

import type { Epoch } from '../../issuing/server/index.ts';
import { number } from './row.ts';

export interface EpochTable {
  currentEpoch(): Epoch | undefined;
  startEpoch(start: EpochStart): Epoch;
}

export interface EpochStart {
  readonly backupAtMs: number;
  readonly nowMs: number;
}

/**
 * A new life's first number is 2^20 times the seconds since 2026. A life that began by this rule, or with 0, has told a number above 2^20 times the seconds
 * of its own time only if it made more than a million changes in a second, for all of its life. So whatever any earlier life has told, also one restored
 * from the same backup, is below, with nothing to remember but the time; and up to the year 2298 it is a safe integer.
 */
const numbersPerSecond = 2 ** 20;
const originMs = Date.UTC(2026, 0, 1);

export function epochTable(database: DatabaseSync): EpochTable {
  const last = database.prepare('SELECT * FROM epoch ORDER BY first_number DESC LIMIT 1');
  const feed = database.prepare('SELECT number FROM feed');
  const insert = database.prepare('INSERT INTO epoch VALUES (?, ?, ?)');
  const jump = database.prepare('UPDATE feed SET number = ?, latest_at = max(latest_at, ?)');
  const voidTokens = database.prepare('UPDATE token SET expires_at = min(expires_at, ?) WHERE claimed_by IS NULL');
  const forgetEndpoints = database.prepare('DELETE FROM endpoint');

  return {
    currentEpoch: () => {
      const row = last.get();
      if (row === undefined) return undefined;
      return {
        firstNumber: number(row, 'first_number'),
        backupAtMs: number(row, 'backup_at'),
        restoredAtMs: number(row, 'restored_at'),
      };
    },
    startEpoch: ({ backupAtMs, nowMs }) => {
      const before = number(feed.get() ?? {}, 'number');
      const seconds = Math.max(0, Math.floor((nowMs - originMs) / 1000));
      const firstNumber = Math.max(before + 1, seconds * numbersPerSecond);
      insert.run(firstNumber, backupAtMs, nowMs);
      jump.run(firstNumber, nowMs);
      // Whether one of them was used since the backup is not known, and a token is good once.
      voidTokens.run(backupAtMs);
      // What they hold was told by another life; whoever is there subscribes anew.
      forgetEndpoints.run();
      return { firstNumber, backupAtMs, restoredAtMs: nowMs };
    },
  };
}
