/** Reads a database, whole or what fits into a start, and refuses one that is damaged, with what is. */
import type { DatabaseSync } from 'node:sqlite';

import { Refusal } from '../../ground/errors/index.ts';
import { failureKind } from './sqlite-failure.ts';

/** Findings that are shown; one is enough to restore a backup, some help whoever looks. Own choice. */
const mostFindings = 3;

/**
 * `quick` reads each page of tables and indexes; `whole` also looks up each row in each index, and each uniqueness. `brief` is quick with all but the tables
 * that grow with each certificate, of which it reads the way down to the first and the last row.
 */
export type IntegrityDepth = 'brief' | 'quick' | 'whole';

export function checkIntegrity(database: DatabaseSync, file: string, depth: IntegrityDepth): void {
  const findings = read(database, depth);
  if (findings.length === 0) return;
  throw new Refusal('CS-STORE-006', { file, damage: findings.slice(0, mostFindings).join('; ') });
}

function read(database: DatabaseSync, depth: IntegrityDepth): string[] {
  try {
    if (depth === 'brief') return readBriefly(database);
    return ask(database, `${depth === 'whole' ? 'integrity_check' : 'quick_check'}(${String(mostFindings)})`);
  } catch (error) {
    const kind = failureKind(error);
    if (kind !== 'damaged' && kind !== 'no database') throw error;
    return [error instanceof Error ? error.message : String(error)];
  }
}

function ask(database: DatabaseSync, pragma: string): string[] {
  const rows = database.prepare(`PRAGMA ${pragma}`).all();
  return rows.flatMap((row) => String(Object.values(row)[0]).split('\n')).filter((line) => line !== 'ok');
}

/** By what each is ordered; together they hold nearly all of a large database. */
const large: Readonly<Record<string, readonly string[]>> = {
  certificate: ['sequence', 'serial'],
  certificate_name: ['name'],
  audit: ['sequence'],
  token: ['id'],
};

function readBriefly(database: DatabaseSync): string[] {
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map((row) => String(row['name']));
  return tables.flatMap((table) => {
    const orders = large[table];
    // Of one table: https://sqlite.org/pragma.html#pragma_quick_check
    if (orders === undefined) return ask(database, `quick_check(${table})`);
    for (const order of orders) {
      database.prepare(`SELECT * FROM ${table} ORDER BY ${order} LIMIT 1`).get();
      database.prepare(`SELECT * FROM ${table} ORDER BY ${order} DESC LIMIT 1`).get();
    }
    return [];
  });
}
