/** Writes files into one encrypted file, whole or not at all. */
import { createReadStream } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { concatBytes } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  readFailure,
  removeUnfinished,
  syncDirectory,
  systemCode,
  unfinishedName,
  writeFailure,
} from '../config/index.ts';
import { sealPiece, sha256Stream } from '../cryptography/index.ts';
import { createHead, pieceBytes } from './backup-head.ts';
import { type BackedUpFile, type BackupManifest, isBackupPath } from './manifest.ts';

/** A file, and as what it is put in. */
export interface FileToBackUp {
  readonly path: string;
  readonly source: string;
}

export interface BackupOrder {
  /** Must not exist. */
  readonly out: string;
  readonly passphrase: string;
  readonly createdAtMs: number;
  readonly files: readonly FileToBackUp[];
  /** The base-two logarithm of scrypt's cost, 14 to 20; default 17. */
  readonly log2Cost?: number | undefined;
  /** Octets of all, and how many were written. */
  readonly progress?: ((done: number, of: number) => void) | undefined;
}

/** The file appears whole or not at all; what a process that was killed left half written is cleared away. */
export async function writeBackup(order: BackupOrder): Promise<BackupManifest> {
  const { out, files } = order;
  const manifest: BackupManifest = {
    version: 1,
    createdAtMs: order.createdAtMs,
    files: await Promise.all(files.map(described)),
  };
  await removeUnfinished(out);
  const temporary = unfinishedName(out);
  try {
    await writeSealed(temporary, manifest, order);
    // link(2) fails where the name is taken; rename(2) would replace an earlier backup.
    await link(temporary, out);
    await syncDirectory(dirname(out)).catch(async (error: unknown) => {
      // What is refused is not there.
      await rm(out, { force: true });
      throw error;
    });
    return manifest;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new Refusal('CS-BACKUP-006', { file: out }, { cause: error });
    throw writeFailure(error, out);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function described({ path, source }: FileToBackUp): Promise<BackedUpFile> {
  if (!isBackupPath(path)) throw new Refusal('CS-BACKUP-005', { file: source, rule: 'a name of letters and digits' });
  try {
    const { bytes, sha256 } = await sha256Stream(createReadStream(source));
    return { path, bytes, sha256 };
  } catch (error) {
    throw readFailure(error, source);
  }
}

async function writeSealed(path: string, manifest: BackupManifest, order: BackupOrder): Promise<void> {
  const { keys, bytes } = await createHead(order.passphrase, order.log2Cost);
  const total = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    let number = 0;
    let done = 0;
    let waiting: Uint8Array | undefined;
    const seal = async (plaintext: Uint8Array, last: boolean): Promise<void> => {
      await file.writeFile(sealPiece(keys, { number: number++, last }, plaintext));
      done += plaintext.length;
      order.progress?.(Math.min(done, total), total);
    };
    // One behind: which is the last is known when there is no other.
    for await (const piece of piecesOf(manifest, order.files)) {
      if (waiting !== undefined) await seal(waiting, false);
      waiting = piece;
    }
    await seal(waiting ?? new Uint8Array(), true);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The manifest's length in four octets, the manifest, each file: cut into pieces of one size. */
async function* piecesOf(manifest: BackupManifest, files: readonly FileToBackUp[]): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const part of partsOf(manifest, files)) {
    rest = rest.length === 0 ? part : concatBytes([rest, part]);
    while (rest.length >= pieceBytes) {
      yield rest.subarray(0, pieceBytes);
      rest = rest.subarray(pieceBytes);
    }
  }
  if (rest.length > 0) yield rest;
}

async function* partsOf(manifest: BackupManifest, files: readonly FileToBackUp[]): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length);
  yield concatBytes([length, text]);
  for (const [index, { source }] of files.entries()) {
    let bytes = 0;
    for await (const part of createReadStream(source, { highWaterMark: pieceBytes }) as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      yield part;
    }
    if (bytes !== manifest.files[index]?.bytes)
      throw new Refusal('CS-BACKUP-005', { file: source, rule: 'it stays as it is while it is backed up' });
  }
}
