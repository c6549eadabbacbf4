/** What the lists' folder remembers: the last publication, so that a clock that went back gives no number twice, which shards are out, and which editions. */
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
  /** Those that had not ended when this was written, the oldest first: delta lists go on changing them after a restart. */
  readonly editions: readonly Edition[];
}

/** All lists made at one time; those in between have its nextUpdate, so that the delta lists change any that has not ended. */
export interface Edition {
  readonly number: bigint;
  /** Milliseconds since 1970. */
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

const fileName = 'lists.json';

/** Many restarts in the life of a list make many; the oldest of more than these are forgotten, and their lists are not brought up to date. Own choice. */
const mostEditions = 1_000;

/** Lists that a clock has made which was ahead by more are refused by everybody: they need not be brought up to date. Own choice. */
const mostAheadMs = 86_400_000;

/** Those that have not ended, with room for another. */
export function openEditions(editions: readonly Edition[], nowMs: number): readonly Edition[] {
  return editions
    .filter(({ thisUpdateMs, nextUpdateMs }) => nextUpdateMs > nowMs && thisUpdateMs <= nowMs + mostAheadMs)
    .slice(1 - mostEditions);
}

const edition: z.ZodType<Edition> = z.strictObject({
  number: z
    .string()
    .regex(/^[1-9]\d{0,47}$/)
    .transform(BigInt),
  thisUpdateMs: z.int().min(0),
  nextUpdateMs: z.int().min(0),
});

const shape: z.ZodType<ListMemory> = z.strictObject({
  version: z.literal(1),
  publication: z.int().min(0),
  shards: z.array(z.int().min(1).max(256)).max(9),
  editions: z.array(edition).max(mostEditions).default([]),
});

/** One that is missing was never written, or came out of a backup without it: then the feed's number alone jumps ahead. */
export async function readListMemory(folder: string): Promise<ListMemory> {
  try {
    return await readJsonFile(join(folder, fileName), shape);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { version: 1, publication: 0, shards: [], editions: [] };
  }
}

export async function writeListMemory(folder: string, memory: ListMemory): Promise<void> {
  const editions = memory.editions.map((one) => ({ ...one, number: String(one.number) }));
  await writeFileAtomically(join(folder, fileName), `${JSON.stringify({ ...memory, editions })}\n`, { mode: 0o644 });
}

/** For a list that is made now and then, outside of any feed: noted before it is used. */
export async function nextListNumber(folder: string, nowMs: number): Promise<bigint> {
  const memory = await readListMemory(folder);
  const publication = nextPublication(memory.publication, nowMs);
  await writeListMemory(folder, { ...memory, publication });
  return listNumber(0, publication);
}
