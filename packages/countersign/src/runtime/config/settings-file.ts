/** Settings that a person writes, in YAML (or JSON, which is YAML): read whole against a schema, or refused with the line. */
import type { z } from 'zod';

import { Refusal } from '../../ground/errors/index.ts';
import { readSettings, type SettingsProblem } from './written-settings.ts';

/**
 * Strict: a key that the schema does not know is refused, with the nearest that it knows. An empty file is `{}`.
 * Throws CS-SETTINGS-001, -002, -003.
 * @param path what a refusal calls the text
 */
export function parseSettings<T>(text: string, path: string, schema: z.ZodType<T>): T {
  const read = readSettings(text, schema);
  if ('value' in read) return read.value;
  const [first] = read.problems;
  throw first === undefined ? new TypeError('settings without a problem were not read') : refusalOf(first, path);
}

function refusalOf({ kind, line, place, problem, nearest = 'none' }: SettingsProblem, path: string): Refusal {
  // Without a cause, which would quote the text.
  if (kind === 'unreadable') return new Refusal('CS-SETTINGS-002', { path, line, problem });
  const setting = place.length === 0 ? 'the whole file' : place.join('.');
  if (kind === 'unknown key') return new Refusal('CS-SETTINGS-001', { path, line, setting, nearest });
  return new Refusal('CS-SETTINGS-003', { path, line, setting, problem });
}
