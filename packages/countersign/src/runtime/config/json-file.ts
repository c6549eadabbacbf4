/** JSON files with a schema: read whole or refused with the place, written atomically. */
import type { z } from 'zod';

import { Refusal } from '../../ground/errors/index.ts';
import { readTextFile } from './read-text-file.ts';
import { writeFileAtomically, type WriteOptions } from './write-file-atomically.ts';

export async function readJsonFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readTextFile(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the text, which may hold a secret.
    throw new Refusal('CS-FILE-003', { path, place: 'the whole file', problem: 'no JSON' }, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Refusal('CS-FILE-003', {
    path,
    place: placeOf(issue?.path ?? []),
    problem: issue?.message ?? 'not as its schema',
  });
}

export function writeJsonFile(path: string, value: unknown, options?: WriteOptions): Promise<boolean> {
  return writeFileAtomically(path, `${JSON.stringify(value, undefined, 2)}\n`, options);
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the whole file' : path.map(String).join('.');
}
