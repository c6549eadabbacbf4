/** How the database is: what it holds, how large it is, how much room is left, and whether it can be written. */
import { statfsSync, statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import type { StoreMeasure } from '../../issuing/server/index.ts';
import { number, type Row } from './row.ts';

export interface VitalsTable {
  measure(nowMs: number): StoreMeasure;
  tryWriting(nowMs: number): void;
  noteBackup(atMs: number): void;
}

export function vitalsTable(database: DatabaseSync): VitalsTable {
  // notAfter's last second is valid (RFC 5280, 4.1.2.5), and is kept as its beginning.
  const all = database.prepare('SELECT count(*) AS counted FROM certificate');
  const unexpired = database.prepare('SELECT count(*) AS counted FROM certificate WHERE not_after > ? - 1000');
  // Of certificates that are kept: an entry may outlive the certificate where that was tidied away.
  const revoked = database.prepare(`
    SELECT count(*) AS counted, coalesce(sum(c.not_after > ? - 1000), 0) AS unexpired
    FROM revocation AS r JOIN certificate AS c ON c.serial = r.serial`);
  const write = database.prepare('UPDATE vital SET written_at = ?');
  const note = database.prepare('UPDATE vital SET backed_up_at = ?');
  const noted = database.prepare('SELECT backed_up_at FROM vital WHERE backed_up_at IS NOT NULL');
  const file = String(database.prepare('PRAGMA database_list').get()?.['file'] ?? '');

  return {
    measure: (nowMs) => {
      const counted = Number(all.get()?.['counted']);
      const valid = Number(unexpired.get(nowMs)?.['counted']);
      const of = revoked.get(nowMs);
      const [gone, goneUnexpired] = [Number(of?.['counted']), Number(of?.['unexpired'])];
      return {
        certificates: {
          valid: valid - goneUnexpired,
          // Revoked stays revoked after expiry, as `list` shows it.
          expired: counted - valid - (gone - goneUnexpired),
          revoked: gone,
        },
        databaseBytes: sizeOf(file),
        walBytes: sizeOf(`${file}-wal`),
        ...roomAt(file),
        ...backedUp(noted.get()),
      };
    },
    tryWriting: (nowMs) => {
      write.run(nowMs);
    },
    noteBackup: (atMs) => {
      note.run(atMs);
    },
  };
}

function backedUp(row: Row | undefined): { lastBackupMs?: number } {
  return row === undefined ? {} : { lastBackupMs: number(row, 'backed_up_at') };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** What this user may still write: some file systems keep a part for root. */
function roomAt(file: string): { diskFreeBytes: number; diskBytes: number } {
  if (file === '') return { diskFreeBytes: 0, diskBytes: 0 };
  const { bavail, blocks, bsize } = statfsSync(file);
  return { diskFreeBytes: bavail * bsize, diskBytes: blocks * bsize };
}
