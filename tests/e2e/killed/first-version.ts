/** Carries a database back to version 1, with all that version 1 knew: so that a real one is there to be migrated. */
import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { migrate, migrations } from '../../../packages/countersign/src/store/sqlite/index.ts';

/** How many steps it is from there to the newest. */
export const stepsFromFirst: number = migrations.length - 1;

/** Nothing may have the file open. */
export function carryBack(file: string): void {
  const older = `${file}.first`;
  const [from, to] = [new DatabaseSync(file), new DatabaseSync(older)];
  const pragma = Number(from.prepare('PRAGMA application_id').get()?.['application_id']);
  to.exec(`PRAGMA application_id = ${String(pragma)}`);
  migrate(to, migrations.slice(0, 1), older, Date.now());
  to.exec('BEGIN');
  // In the order in which they were made, so that what is referred to is there.
  const tables = to.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*' ORDER BY rowid",
  );
  for (const { name } of tables.all()) if (name !== 'migration') copyRows(from, to, String(name));
  to.exec('COMMIT');
  from.close();
  to.close();
  for (const left of ['-wal', '-shm']) rmSync(`${file}${left}`, { force: true });
  renameSync(older, file);
}

/** Columns that a later version has dropped are empty: what stood in them is not asked for again. */
function copyRows(from: DatabaseSync, to: DatabaseSync, table: string): void {
  const columns = to.prepare(`PRAGMA table_info(${table})`).all();
  const names = columns.map(({ name }) => String(name));
  to.exec(`DELETE FROM ${table}`);
  const insert = to.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`);
  for (const row of from.prepare(`SELECT * FROM ${table}`).iterate())
    insert.run(...columns.map(({ name, notnull }) => row[String(name)] ?? (notnull === 1 ? '' : null)));
}
