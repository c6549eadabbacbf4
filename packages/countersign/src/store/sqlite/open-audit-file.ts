/** The audit log of an authority that does not run, read from its database without changing anything in it. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { Refusal } from '../../ground/errors/index.ts';
import type { AuditEntry, AuditHead } from '../../runtime/audit/index.ts';
import { auditTable } from './audit-table.ts';
import { migrations } from './migrations/migrations.ts';
import { openRefusal, requireOurs } from './open-database.ts';

export interface AuditFile {
  head(): AuditHead;
  counted(): number;
  read(from: number, limit: number): AuditEntry[];
  close(): void;
}

/** @throws CS-STATE-001 where an authority runs on it */
export function openAuditFile(file: string): AuditFile {
  let database: DatabaseSync | undefined;
  try {
    if (!existsSync(file)) throw new Refusal('CS-FILE-001', { path: file });
    // What is in the write-ahead log after an unclean end is read, too, and left there.
    database = new DatabaseSync(file, { timeout: 0, readOnly: true });
    database.exec('PRAGMA trusted_schema = OFF');
    requireOurs(database, file);
    requireLog(database, file);
    const audit = auditTable(database);
    const open = database;
    return {
      head: () => audit.auditHead(),
      counted: () => audit.auditCounted(),
      read: (from, limit) => audit.readAudit(from, limit),
      close: () => open.close(),
    };
  } catch (error) {
    database?.close();
    throw openRefusal(error, file);
  }
}

function requireLog(database: DatabaseSync, file: string): void {
  const found = Number(database.prepare('SELECT max(version) AS version FROM migration').get()?.['version'] ?? 0);
  const supported = migrations.at(-1)?.version ?? 0;
  if (found > supported) throw new Refusal('CS-STORE-001', { file, found, supported });
  const tables = database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'audit'").get();
  if (Number(tables?.['tables']) !== 1)
    throw new Refusal('CS-STORE-003', { file, why: 'it has no audit log: countersign up brings it to this version' });
}
