/** What a source of lists gives when it is read: by address, or by file. */
import { open, stat } from 'node:fs/promises';
import { Refusal } from '../../../ground/errors/index.ts';
import { readFailure } from '../../../runtime/config/index.ts';
import { retrieve } from '../retrieve/retrieve.ts';
import type { RetrieveRequest, Validators } from '../retrieve/retrieve-request.ts';

export type ListContent =
  | {
      readonly kind: 'content';
      readonly bytes: Uint8Array;
      readonly validators?: Validators;
      readonly cacheMs?: number | undefined;
      /** That this content is in use, so that the next reading may answer `unchanged`. */
      taken(): void;
    }
  | { readonly kind: 'unchanged'; readonly cacheMs?: number | undefined };

export interface ListReader {
  readonly name: string;
  readonly kind: 'file' | 'url';
  read(signal: AbortSignal): Promise<ListContent>;
  /** What is in use came otherwise. */
  resume(validators: Validators): void;
  /** The next reading gives the content whatever was there. */
  forget(): void;
}

export function addressReader(request: Omit<RetrieveRequest, 'method' | 'validators' | 'signal'>): ListReader {
  let validators: Validators | undefined;
  return {
    ...{ name: request.url, kind: 'url' },
    read: async (signal) => {
      const answer = await retrieve({ ...request, method: 'GET', validators, signal });
      const { mostAgeMs: cacheMs } = answer;
      if (answer.kind === 'notModified') return { kind: 'unchanged', cacheMs };
      const { body: bytes, etag, lastModified } = answer;
      const came = { etag, lastModified };
      return { kind: 'content', bytes, validators: came, cacheMs, taken: () => (validators = came) };
    },
    resume: (held) => (validators = held),
    forget: () => (validators = undefined),
  };
}

export function fileReader(path: string, mostBytes: number): ListReader {
  let seen = '';
  return {
    ...{ name: path, kind: 'file' },
    read: async () => {
      try {
        const facts = await factsOf(path);
        if (facts.text === seen) return { kind: 'unchanged' };
        const bytes = await readBounded(path, mostBytes);
        return { kind: 'content', bytes, taken: () => (seen = facts.text) };
      } catch (error) {
        throw readFailure(error, path);
      }
    },
    resume: () => undefined,
    forget: () => (seen = ''),
  };
}

/** What changes when a file is replaced or written into. */
async function factsOf(path: string): Promise<{ text: string }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return { text: [dev, ino, size, mtimeNs, ctimeNs].join(' ') };
}

async function readBounded(path: string, mostBytes: number): Promise<Uint8Array> {
  // Looked at before it is opened: to open a named pipe waits for its writer.
  if (!(await stat(path)).isFile()) throw new Refusal('CS-FILE-002', { path, reason: 'not a file' });
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw new Refusal('CS-FILE-006', { path, maximumBytes: mostBytes });
    const bytes = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}
