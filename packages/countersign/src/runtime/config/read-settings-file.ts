/** Reads a file of settings; the parser of YAML is loaded when the first one is read, since most commands read none. */
import type { z } from 'zod';

import { readTextFile } from './read-text-file.ts';

/** As `parseSettings`, and CS-FILE-... where it can not be read. */
export async function readSettingsFile<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readTextFile(path);
  const { parseSettings } = await import('./settings-file.ts');
  return parseSettings(text, path, schema);
}
