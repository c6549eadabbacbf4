/** Reads a text file of bounded size; missing, unreadable and over-large are refused with the path. */
import { open, type FileHandle } from 'node:fs/promises';

import { Refusal } from '../../ground/errors/index.ts';
import { readFailure } from './file-failure.ts';

/** 1 MiB: chains, bundles and settings are kilobytes; ours to choose. */
const defaultMaximumBytes = 1024 * 1024;

export interface ReadOptions {
  /** Largest size in bytes; default 1 MiB. */
  readonly maximumBytes?: number;
  /** Called with the open file before it is read; throws to refuse it. */
  readonly check?: (file: FileHandle) => Promise<void>;
}

export async function readTextFile(path: string, options: ReadOptions = {}): Promise<string> {
  const maximumBytes = options.maximumBytes ?? defaultMaximumBytes;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    await options.check?.(file);
    return (await readBounded(file, path, maximumBytes)).toString('utf8');
  } catch (error) {
    throw readFailure(error, path);
  } finally {
    await file?.close();
  }
}

/** Stops at the limit, since the size that stat gives is 0 for pipes and may change while reading. */
async function readBounded(file: FileHandle, path: string, maximumBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for (;;) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(16_384) });
    if (bytesRead === 0) return Buffer.concat(parts);
    bytes += bytesRead;
    if (bytes > maximumBytes) throw new Refusal('CS-FILE-006', { path, maximumBytes });
    parts.push(buffer.subarray(0, bytesRead));
  }
}
