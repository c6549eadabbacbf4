/** The folder of keys as a whole: written beside its place and moved there, so that a crash leaves the old one or the new one, and never a part. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { z } from 'zod';

import { toHex } from '../../../ground/encoding/index.ts';
import {
  readJsonFile,
  readPrivateFile,
  readTextFile,
  syncDirectory,
  writeFailure,
} from '../../../runtime/config/index.ts';
import { randomBytes } from '../../../runtime/cryptography/index.ts';
import { isSecretFile, keyFolderName } from './key-files.ts';

const temporaryPrefix = `.${keyFolderName}.`;

/** Complete, and about to take the place of the folder: from its first moment the new keys are those that count. */
const nextName = `${keyFolderName}.next`;

/** Names and contents of the files of a folder. */
export type FolderContents = Readonly<Record<string, string>>;

/** A process that was killed on the way left parts under other names, which are removed, or a whole folder, which is put in its place. */
export async function settleKeyFolder(dir: string): Promise<void> {
  const names = await readdir(dir);
  for (const name of names) {
    if (name.startsWith(temporaryPrefix)) await rm(join(dir, name), { recursive: true, force: true });
  }
  if (names.includes(nextName)) await putInPlace(dir);
}

/** What the folder holds; `undefined` where there is none. */
export async function readKeyFolder(dir: string): Promise<FolderContents | undefined> {
  if (!(await isThere(dir))) return undefined;
  const folder = join(dir, keyFolderName);
  const contents: Record<string, string> = {};
  // In an order that does not depend on the file system.
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    contents[name] = isSecretFile(name) ? await readPrivateFile(path) : await readTextFile(path);
  }
  return contents;
}

/** One file of it through its schema; `undefined` where it is not there. */
export async function readKeyFolderJson<T>(dir: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const contents = await readKeyFolder(dir);
  return contents?.[name] === undefined ? undefined : readJsonFile(join(dir, keyFolderName, name), schema);
}

async function isThere(dir: string): Promise<boolean> {
  return (await readdir(dir)).includes(keyFolderName);
}

/** In the place of the one that is there, if one is, which is removed with its keys. */
export async function replaceKeyFolder(dir: string, contents: FolderContents): Promise<void> {
  await moveWhole(dir, contents);
  await putInPlace(dir);
}

async function moveWhole(dir: string, contents: FolderContents): Promise<void> {
  const temporary = join(dir, `${temporaryPrefix}${toHex(randomBytes(8))}`);
  try {
    await writeFolder(temporary, contents);
    await rename(temporary, join(dir, nextName));
    await syncDirectory(dir);
  } catch (error) {
    throw writeFailure(error, temporary);
  }
}

async function putInPlace(dir: string): Promise<void> {
  const folder = join(dir, keyFolderName);
  try {
    if (await isThere(dir)) await rename(folder, join(dir, `${temporaryPrefix}${toHex(randomBytes(8))}`));
    await rename(join(dir, nextName), folder);
    await syncDirectory(dir);
  } catch (error) {
    throw writeFailure(error, folder);
  }
  await settleKeyFolder(dir);
}

/** A new folder 0700 with files 0600, all of it on disk when this resolves. */
export async function writeFolder(folder: string, contents: FolderContents): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  for (const [name, text] of Object.entries(contents)) await writeSynced(join(folder, name), text);
  await syncDirectory(folder);
}

async function writeSynced(path: string, contents: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
}
