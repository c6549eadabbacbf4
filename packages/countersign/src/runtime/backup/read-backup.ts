/** Reads a backup to its end and hands out its files; nothing of it counts until all of it was read. */
import { type FileHandle, open } from 'node:fs/promises';

import { concatBytes } from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { readFailure } from '../config/index.ts';
import { openPiece, sealBytes, type SealingKeys, streamingSha256 } from '../cryptography/index.ts';
import { headBytes, openHead, pieceBytes } from './backup-head.ts';
import { type BackedUpFile, type BackupManifest, manifestShape } from './manifest.ts';

export interface FileSink {
  write(bytes: Uint8Array): Promise<void>;
  /** The whole file has come, and is what was put in. */
  end(): Promise<void>;
}

export interface BackupQuestion {
  readonly file: string;
  readonly passphrase: string;
  /** Where each file goes; absent: it is only verified. */
  readonly sink?: ((file: BackedUpFile) => Promise<FileSink>) | undefined;
  readonly progress?: ((done: number, of: number) => void) | undefined;
}

/** 1 MiB: a thousand files with long names need a third of it. */
const mostManifestBytes = 1024 * 1024;

/** @throws CS-BACKUP-001 to -003 */
export async function readBackup(question: BackupQuestion): Promise<BackupManifest> {
  const { file } = question;
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    const opened = await openHead(await readExactly(handle, headBytes), question.passphrase, file);
    const { size } = await handle.stat();
    return await readFiles(new Pieces(handle, opened.keys, size, question), question);
  } catch (error) {
    throw readFailure(error, file);
  } finally {
    await handle?.close();
  }
}

async function readFiles(pieces: Pieces, { file, sink }: BackupQuestion): Promise<BackupManifest> {
  const manifest = await readManifest(pieces, file);
  for (const described of manifest.files) {
    const into = await sink?.(described);
    const hash = streamingSha256();
    for (let left = described.bytes; left > 0;) {
      const bytes = await pieces.take(Math.min(left, pieceBytes));
      hash.update(bytes);
      await into?.write(bytes);
      left -= bytes.length;
    }
    if (hash.hex() !== described.sha256) throw damaged(file, `the contents of ${described.path}`);
    await into?.end();
  }
  await pieces.end();
  return manifest;
}

async function readManifest(pieces: Pieces, file: string): Promise<BackupManifest> {
  const length = await pieces.take(4);
  const bytes = new DataView(length.buffer, length.byteOffset).getUint32(0);
  if (bytes > mostManifestBytes) throw damaged(file, 'its list of files');
  const text = new TextDecoder().decode(await pieces.take(bytes));
  const parsed = manifestShape.safeParse(JSON.parse(text));
  if (!parsed.success) throw damaged(file, 'its list of files');
  return parsed.data;
}

/** What was sealed, opened piece by piece. */
class Pieces {
  readonly #handle: FileHandle;
  readonly #keys: SealingKeys;
  readonly #question: BackupQuestion;
  readonly #sealedBytes: number;
  #position = headBytes;
  #number = 0;
  #open: Uint8Array = new Uint8Array();

  constructor(handle: FileHandle, keys: SealingKeys, size: number, question: BackupQuestion) {
    this.#handle = handle;
    this.#keys = keys;
    this.#question = question;
    this.#sealedBytes = size;
  }

  /** Exactly so many octets. */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for (let left = count; left > 0;) {
      if (this.#open.length === 0) this.#open = await this.#next();
      const part = this.#open.subarray(0, left);
      this.#open = this.#open.subarray(part.length);
      parts.push(part);
      left -= part.length;
    }
    return parts.length === 1 ? (parts[0] ?? new Uint8Array()) : concatBytes(parts);
  }

  /** Nothing may follow. */
  async end(): Promise<void> {
    if (this.#open.length > 0 || this.#position < this.#sealedBytes) throw damaged(this.#question.file, 'its end');
    return Promise.resolve();
  }

  async #next(): Promise<Uint8Array> {
    const { file, progress } = this.#question;
    const left = this.#sealedBytes - this.#position;
    if (left <= 0) throw damaged(file, 'its end, which is missing');
    const last = left <= pieceBytes + sealBytes;
    const sealed = await readExactly(this.#handle, Math.min(left, pieceBytes + sealBytes));
    const number = this.#number++;
    const opened = openPiece(this.#keys, { number, last }, sealed);
    if (opened === undefined) {
      // One that is whole and was not the last when it was sealed: what came behind it was cut off.
      const cut = last && openPiece(this.#keys, { number, last: false }, sealed) !== undefined;
      throw damaged(file, cut ? 'its end, which is missing' : `octet ${String(this.#position)} and what follows`);
    }
    this.#position += sealed.length;
    progress?.(this.#position, this.#sealedBytes);
    return opened;
  }
}

async function readExactly(handle: FileHandle, count: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(count);
  let filled = 0;
  while (filled < count) {
    const { bytesRead } = await handle.read(buffer, filled, count - filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

function damaged(file: string, where: string): Refusal {
  return new Refusal('CS-BACKUP-003', { file, where });
}
