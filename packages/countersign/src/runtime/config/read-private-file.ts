/** Files that hold a key or another secret: read, and refused where other users may read them. */
import { stat } from 'node:fs/promises';
import { Refusal } from '../../ground/errors/index.ts';
import { octal, readFailure, shellWord } from './file-failure.ts';
import { readTextFile } from './read-text-file.ts';

/** What the file is, so that the remedy fits: a private key, a passphrase, the authority's database. */
export type PrivateFileRefusal = 'CS-KEY-001' | 'CS-PASS-004' | 'CS-STATE-011';

/** The mode is that of the opened file, so it cannot be exchanged between the check and the reading. @param code default that of a private key */
export function readPrivateFile(path: string, code: PrivateFileRefusal = 'CS-KEY-001'): Promise<string> {
  return readTextFile(path, {
    maximumBytes: 65_536,
    check: async (file) => requirePrivate(await file.stat(), path, code),
  });
}

/** For a file that is not read here, and not opened either: SQLite's locks do not survive the closing of another handle. */
export async function requirePrivateFile(path: string, code: PrivateFileRefusal): Promise<void> {
  try {
    requirePrivate(await stat(path), path, code);
  } catch (error) {
    throw readFailure(error, path);
  }
}

function requirePrivate({ mode }: { readonly mode: number }, path: string, code: PrivateFileRefusal): void {
  if ((mode & 0o077) === 0) return;
  throw new Refusal(code, { path, mode: octal(mode), type: `chmod 600 ${shellWord(path)}` });
}
