/** The authority's database in its state directory: for this user alone, or refused. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requirePrivateFile } from '../../runtime/config/index.ts';

const databaseName = 'authority.db';

export interface DatabaseFile {
  readonly file: string;
  /** Whether it is not there yet. */
  readonly created: boolean;
}

/** Looked at before SQLite opens it. */
export async function databaseFile(dir: string): Promise<DatabaseFile> {
  const file = join(dir, databaseName);
  const created = !existsSync(file);
  if (!created) await requirePrivateFile(file, 'CS-STATE-011');
  return { file, created };
}
