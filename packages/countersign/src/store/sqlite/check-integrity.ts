/** Reads a whole database and refuses one that is damaged, with what is. */
import type { DatabaseSync } from 'node:sqlite';

import { Refusal } from '../../ground/errors/index.ts';
import { failureKind } from './sqlite-failure.ts';

/** Findings that are shown; one is enough to restore a backup, some help whoever looks. Own choice. */
const mostFindings = 3;

export type IntegrityDepth = 'quick' | 'whole';

/** `quick` reads each page of tables and indexes; `whole` also looks up each row in each index, and each uniqueness. */
export function checkIntegrity(database: DatabaseSync, file: string, depth: IntegrityDepth): void {
  const findings = read(database, depth);
  if (findings.length === 0) return;
  throw new Refusal('CS-STORE-006', { file, damage: findings.slice(0, mostFindings).join('; ') });
}

function read(database: DatabaseSync, depth: IntegrityDepth): string[] {
  const pragma = depth === 'whole' ? 'integrity_check' : 'quick_check';
  try {
    const rows = database.prepare(`PRAGMA ${pragma}(${String(mostFindings)})`).all();
    return rows.flatMap((row) => String(Object.values(row)[0]).split('\n')).filter((line) => line !== 'ok');
  } catch (error) {
    const kind = failureKind(error);
    if (kind !== 'damaged' && kind !== 'no database') throw error;
    return [error instanceof Error ? error.message : String(error)];
  }
}
