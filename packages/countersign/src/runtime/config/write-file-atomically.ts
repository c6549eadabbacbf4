/** Replaces a file whole or not at all: a temporary beside it, fsync, rename, fsync of the directory. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { writeFailure } from './file-failure.ts';

export interface WriteOptions {
  /** Permission bits; default 0600. Set exactly, whatever the umask. */
  readonly mode?: number;
}

/** When this resolves the file survives a power cut; when it rejects the old file is as it was. */
export async function writeFileAtomically(path: string, contents: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
  // In the same directory, since rename is atomic within one file system only.
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await writeWhole(temporary, contents, options.mode ?? 0o600);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeFailure(error, path);
  }
}

async function writeWhole(path: string, contents: string | Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(contents);
    if (mode !== 0o600) await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without it a rename may be lost with the power although the file itself was synced. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
