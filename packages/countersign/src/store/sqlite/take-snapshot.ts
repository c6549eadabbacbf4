/** Copies the database into a file while it is served: some pages at a time, by SQLite's online backup (https://sqlite.org/backup.html). */
import { closeSync, openSync, rmSync } from 'node:fs';
import { backup, type DatabaseSync } from 'node:sqlite';

/** 256 pages are 1 MiB, and about a millisecond for which nothing else is done. Own choice. */
const pagesAtATime = 256;

/**
 * What is written meanwhile through this connection is in the copy, too: it is the database as it is in the end. A step of it that meets a transaction
 * fails (SQLITE_LOCKED), and steps are made in another thread: so writing waits for `between`, which is called when no step is under way. Rejects where
 * the connection was closed on the way, as after a failure of the disk.
 */
export async function takeSnapshot(database: DatabaseSync, file: string, between: () => void): Promise<void> {
  closeSync(openSync(file, 'wx', 0o600));
  const progress = (): void => {
    between();
    if (!database.isOpen) throw new TypeError('the database was closed while it was copied');
  };
  try {
    await backup(database, file, { rate: pagesAtATime, progress });
  } catch (error) {
    rmSync(file, { force: true });
    rmSync(`${file}-journal`, { force: true });
    throw error;
  }
}
