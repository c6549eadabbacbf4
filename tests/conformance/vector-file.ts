/** Files of vectors: plain or gzipped, told apart by their first bytes, whatever their names say. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { CannotRun } from './runner-command.ts';

/** Throws `CannotRun` with the reason and what to do. */
export function readVectorFile(path: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new CannotRun(3, `${path} cannot be read: ${reason(error)}`, 'Give the path of a file that is there.');
  }
  // RFC 1952, 2.3.1.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new CannotRun(3, `${path} begins like gzip and is not: ${reason(error)}`, 'Copy the file again, whole.');
  }
}

export function readVectorJson(path: string): unknown {
  const bytes = readVectorFile(path);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new CannotRun(
      3,
      `${path} is not JSON: ${reason(error)}`,
      'Give the JSON file of the vectors, plain or gzipped.',
    );
  }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  return message;
}
