/** Where the vectors of others are: COUNTERSIGN_VECTORS, or beside the repository. They are not part of it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Vectors {
  readonly path: string;
  /** For `test`'s `skip`. */
  readonly skip: string | false;
}

/** Skipped aloud where it is absent: a suite that did not run has shown nothing. */
export function vectors(name: string, cases: string): Vectors {
  const { COUNTERSIGN_VECTORS: folder } = process.env;
  const beside = resolve(import.meta.dirname, '../../../shared/vectors');
  const path = join(folder === undefined || folder === '' ? beside : resolve(folder), name);
  if (existsSync(path)) return { path, skip: false };
  const skip = `${path} is not there: ${cases} cases did not run (COUNTERSIGN_VECTORS names the folder that holds them)`;
  process.stderr.write(`SKIPPED: ${skip}\n`);
  return { path, skip };
}
