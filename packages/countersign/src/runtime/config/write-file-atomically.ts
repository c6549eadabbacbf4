/** Replaces a file whole or not at all: a temporary beside it, fsync, rename, fsync of the directory. */
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { toHex } from '../../ground/encoding/index.ts';
import { randomBytes } from '../cryptography/index.ts';
import { systemCode, writeFailure } from './file-failure.ts';

export interface WriteOptions {
  /** Permission bits; default 0600. Set exactly, whatever the umask. */
  readonly mode?: number;
  /** Whether a file that is there already stays as it is; default false. */
  readonly keepExisting?: boolean;
}

/**
 * When this resolves the file survives a power cut; when it rejects the old file is as it was.
 * The answer is false where `keepExisting` kept one.
 */
export async function writeFileAtomically(
  path: string,
  contents: string | Uint8Array,
  options: WriteOptions = {},
): Promise<boolean> {
  // In the same directory, since rename is atomic within one file system only.
  const temporary = join(dirname(path), `.${basename(path)}.${toHex(randomBytes(8))}.tmp`);
  try {
    await writeWhole(temporary, contents, options.mode ?? 0o600);
    const placed = options.keepExisting === true ? await linkUnlessThere(temporary, path) : await move(temporary, path);
    await syncDirectory(dirname(path));
    return placed;
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function move(from: string, to: string): Promise<true> {
  await rename(from, to);
  return true;
}

/** link(2) fails where the name is taken; rename(2) would replace what is there. */
async function linkUnlessThere(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
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
