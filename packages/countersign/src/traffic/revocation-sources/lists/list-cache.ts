/** Lists that were fetched and verified, kept in a folder for the next start: two files each, replaced whole. */
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256HexOfText } from '../../../runtime/cryptography/index.ts';
import {
  ensurePrivateDirectory,
  readJsonFile,
  writeFileAtomically,
  writeJsonFile,
} from '../../../runtime/config/index.ts';
import type { Validators } from '../retrieve/retrieve-request.ts';

interface Note extends Validators {
  readonly version: 1;
  readonly url: string;
  readonly bytes: number;
  readonly thisUpdate: number;
  readonly fetchedAt: number;
}

const shape: z.ZodType<Note> = z.strictObject({
  version: z.literal(1),
  url: z.string(),
  bytes: z.int().min(0),
  thisUpdate: z.number(),
  fetchedAt: z.number(),
  etag: z.string().max(1024).optional(),
  lastModified: z.string().max(1024).optional(),
});

export interface CachedList {
  readonly bytes: Uint8Array;
  readonly note: Note | undefined;
}

export interface ListCache {
  load(url: string): Promise<CachedList | undefined>;
  save(url: string, bytes: Uint8Array, note: Omit<Note, 'version' | 'url' | 'bytes'>): Promise<void>;
}

export function listCache(folder: string, mostBytes: number): ListCache {
  const pathOf = (url: string): string => join(folder, sha256HexOfText(url));
  return {
    load: async (url) => {
      const path = pathOf(url);
      const facts = await stat(`${path}.crl`).catch(() => undefined);
      if (facts?.isFile() !== true || facts.size > mostBytes) return undefined;
      const bytes = await readFile(`${path}.crl`).catch(() => undefined);
      if (bytes === undefined) return undefined;
      return { bytes, note: await readJsonFile(`${path}.json`, shape).catch(() => undefined) };
    },
    save: async (url, bytes, note) => {
      const path = pathOf(url);
      await ensurePrivateDirectory(folder);
      // A note of a list that is not there any more would let an answer of "not modified" keep the wrong one.
      await rm(`${path}.json`, { force: true });
      await writeFileAtomically(`${path}.crl`, bytes);
      await writeJsonFile(`${path}.json`, { version: 1, url, bytes: bytes.length, ...note });
    },
  };
}
