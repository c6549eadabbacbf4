/** A database that came out of a backup: checked to its last row, and made the beginning of a new life. */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

import type { Epoch } from '../../issuing/server/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';
import { auditTable } from './audit-table.ts';
import { checkIntegrity } from './check-integrity.ts';
import { epochTable } from './epoch-table.ts';
import { holderOf, removeHolder } from './holder-file.ts';
import { migrations } from './migrations/migrations.ts';
import { openDatabase } from './open-database.ts';
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

export function beginNewLife({ file, backupAtMs, nowMs, event }: NewLife): Epoch {
  const database = openDatabase(file, { migrations, nowMs });
  try {
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
  } finally {
    removeHolder(file);
    database.close();
  }
}
