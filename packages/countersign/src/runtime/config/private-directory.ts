/** A directory for keys: made 0700 where it is missing, refused where others could write in it. */
import { chmod, mkdir, readdir, stat } from 'node:fs/promises';

import { Refusal } from '../../ground/errors/index.ts';
import { octal, readFailure, shellWord, systemCode, writeFailure } from './file-failure.ts';

/** Group and others may write. */
const writableByOthers = 0o022;

/** Makes or checks `path`. An empty directory of ours becomes 0700; one that holds something keeps its mode, since others may rely on it. */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  await makeDirectory(path);
  const facts = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (!facts.isDirectory()) throw new Refusal('CS-FILE-004', { path, reason: 'ENOTDIR' });
  if ((facts.mode & 0o077) === 0) return;
  if (facts.uid === process.getuid?.() && (await isEmpty(path))) {
    await chmod(path, 0o700).catch((error: unknown) => {
      throw writeFailure(error, path);
    });
    return;
  }
  if ((facts.mode & writableByOthers) !== 0) {
    throw new Refusal('CS-FILE-005', { path, mode: octal(facts.mode), type: `chmod 700 ${shellWord(path)}` });
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    // EEXIST: something is there that is no directory; the check that follows says so.
    if (systemCode(error) !== 'EEXIST') throw writeFailure(error, path);
  }
}

async function isEmpty(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    throw readFailure(error, path);
  }
}
