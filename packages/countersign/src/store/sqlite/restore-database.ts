/** A database that came out of a backup: checked to its last row, and made the beginning of a new life. */
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import { Refusal } from '../../ground/errors/index.ts';
import type { Epoch } from '../../issuing/server/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import { auditTable } from './audit-table.ts';
import { checkIntegrity } from './check-integrity.ts';
import { epochTable } from './epoch-table.ts';
import { holderOf, removeHolder } from './holder-file.ts';
import { migrations } from './migrations/migrations.ts';
import { openDatabase, settle } from './open-database.ts';
import { storageRefusal } from './storage-refusal.ts';

export interface DatabaseFacts {
  readonly ledgerId: string;
  readonly certificates: number;
  readonly revocations: number;
  /** The feed's. */
  readonly number: number;
}

/** Reads all of it, and changes nothing. Throws CS-STORE-006 with what is damaged. */
export function checkDatabase(file: string): DatabaseFacts {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(unchanging(file), { readOnly: true });
    checkIntegrity(database, file, 'whole');
    const one = (sql: string): unknown => Object.values(database?.prepare(sql).get() ?? {})[0];
    return {
      ledgerId: String(one('SELECT id FROM ledger')),
      certificates: Number(one('SELECT count(*) FROM certificate')),
      revocations: Number(one('SELECT count(*) FROM revocation')),
      number: Number(one('SELECT number FROM feed')),
    };
  } catch (error) {
    throw storageRefusal(error, `check ${file}`, file, () => holderOf(file));
  } finally {
    database?.close();
  }
}

/** A copy that nobody writes to: read without a log and without locks, so that nothing is left beside it (https://sqlite.org/uri.html). */
function unchanging(file: string): URL {
  const url = pathToFileURL(file);
  url.searchParams.set('immutable', '1');
  return url;
}

export interface NewLife {
  readonly file: string;
  readonly backupAtMs: number;
  readonly nowMs: number;
  /** What the audit log says of it. */
  readonly event: AuditEvent;
}

/** Numbers of the audit log that others may have seen of what was lost are not given again: a hundred a second since the backup, and some more. */
const auditNumbersPerSecond = 100;
const leastAuditJump = 1_000_000;

/** All of it is in the one file when this returns: it may be given another name. */
export function beginNewLife(life: NewLife): Epoch {
  const { file, nowMs } = life;
  try {
    const database = openDatabase(file, { migrations, nowMs });
    let epoch: Epoch;
    try {
      epoch = begin(database, life);
      settle(database);
    } finally {
      removeHolder(file);
      database.close();
    }
    requireNoLog(file);
    return epoch;
  } catch (error) {
    throw storageRefusal(error, `begin a new life in ${file}`, file, () => holderOf(file));
  }
}

function begin(database: DatabaseSync, { backupAtMs, nowMs, event }: NewLife): Epoch {
  database.exec('BEGIN IMMEDIATE');
  const epoch = epochTable(database).startEpoch({ backupAtMs, nowMs });
  const audit = auditTable(database);
  const lostSeconds = Math.max(0, Math.ceil((nowMs - backupAtMs) / 1000));
  const after = audit.auditCounted() + leastAuditJump + lostSeconds * auditNumbersPerSecond;
  // What the gap in the numbers is, for who verifies the log.
  const facts = { ...event.facts, firstNumber: epoch.firstNumber, resumesAfter: audit.auditHead().sequence };
  audit.appendAudit([{ ...event, facts }], after);
  database.exec('COMMIT');
  return epoch;
}

/** Closing says nothing of what it could not write: the log stays then, and the new life would be in there alone. */
function requireNoLog(file: string): void {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  throw new Refusal('CS-STORE-005', { operation: 'empty the log', file, why: 'its log is not empty after closing' });
}
