/** Reads a text of settings with everything that is wrong in it; the parser of YAML is loaded when the first one is read. */
import type { z } from 'zod';

import type { ReadSettings, SettingsProblem } from './written-settings.ts';

export async function readCheckedSettings<T>(
  text: string,
  schema: z.ZodType<T>,
): Promise<ReadSettings<T> | { readonly problems: readonly SettingsProblem[] }> {
  const { readSettingsInTurns } = await import('./written-settings.ts');
  return readSettingsInTurns(text, schema);
}
