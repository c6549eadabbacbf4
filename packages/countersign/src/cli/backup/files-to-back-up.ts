/** What of a state directory goes into a backup beside the database: keys with their certificates, and the settings. */
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { FileToBackUp } from '../../runtime/backup/index.ts';
import { readFailure, systemCode } from '../../runtime/config/index.ts';

export const databaseName = 'authority.db';
const issuerFile = ['authority', 'issuer.pem'] as const;
const folders: readonly string[] = ['authority'];
/** There only where it was ever used. */
const maybe: readonly string[] = ['token-issuer'];
const singles: readonly string[] = ['authority.yaml'];

/** As octets, whatever they hold: keys that are encrypted stay so. */
export async function filesToBackUp(dir: string): Promise<FileToBackUp[]> {
  const found = await Promise.all([
    ...folders.map((folder) => below(dir, folder)),
    ...maybe.map(async (folder) => ((await isFolder(dir, folder)) ? below(dir, folder) : [])),
    ...singles.map((name) => single(dir, name)),
  ]);
  return found.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The certificate of the issuer as it is now: another one than before the copy of the database means that the two are not of one time. */
export async function issuerNow(dir: string): Promise<string | undefined> {
  return readFile(join(dir, ...issuerFile), 'utf8').catch(() => undefined);
}

async function below(dir: string, folder: string): Promise<FileToBackUp[]> {
  const path = join(dir, folder);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
    const inner = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    return [
      ...files.map(({ name }) => ({ path: `${folder}/${name}`, source: join(path, name) })),
      ...(await Promise.all(inner.map(({ name }) => below(dir, `${folder}/${name}`)))).flat(),
    ];
  } catch (error) {
    throw readFailure(error, path);
  }
}

async function isFolder(dir: string, name: string): Promise<boolean> {
  const path = join(dir, name);
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw readFailure(error, path);
  }
}

async function single(dir: string, name: string): Promise<FileToBackUp[]> {
  const source = join(dir, name);
  try {
    return (await lstat(source)).isFile() ? [{ path: name, source }] : [];
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw readFailure(error, source);
  }
}
