/** What the lists' folder remembers: the last publication, so that a clock that went back gives no number twice, and which counts of shards are out. */
import { join } from 'node:path';
import { z } from 'zod';

import { isRefusal } from '../../ground/errors/index.ts';
import { readJsonFile, writeFileAtomically } from '../../runtime/config/index.ts';
import { listNumber, nextPublication } from './list-numbers.ts';

export interface ListMemory {
  readonly version: 1;
  /** No number with a later publication was ever signed. */
  readonly publication: number;
  /** Every count of shards that certificates may have been given. */
  readonly shards: readonly number[];
}

const fileName = 'lists.json';

const shape: z.ZodType<ListMemory> = z.strictObject({
  version: z.literal(1),
  publication: z.int().min(0),
  shards: z.array(z.int().min(1).max(256)).max(9),
});

/** One that is missing was never written, or came out of a backup without it: then the feed's number alone jumps ahead. */
export async function readListMemory(folder: string): Promise<ListMemory> {
  try {
    return await readJsonFile(join(folder, fileName), shape);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { version: 1, publication: 0, shards: [] };
  }
}

export async function writeListMemory(folder: string, memory: ListMemory): Promise<void> {
  await writeFileAtomically(join(folder, fileName), `${JSON.stringify(memory)}\n`, { mode: 0o644 });
}

/** For a list that is made now and then, outside of any feed: noted before it is used. */
export async function nextListNumber(folder: string, nowMs: number): Promise<bigint> {
  const memory = await readListMemory(folder);
  const publication = nextPublication(memory.publication, nowMs);
  await writeListMemory(folder, { ...memory, publication });
  return listNumber(0, publication);
}
