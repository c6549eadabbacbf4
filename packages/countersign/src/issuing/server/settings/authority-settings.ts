/** What a person can set for an authority: the sections of its file, each described beside it. */
import { z } from 'zod';

import { type TidySettings, tidySettings } from './tidy-settings.ts';

/** Every section may be absent; what is absent has its default. */
export interface AuthoritySettings {
  readonly tidy?: TidySettings | undefined;
}

export const authoritySettings: z.ZodType<AuthoritySettings> = z.strictObject({
  tidy: tidySettings.optional(),
});

/** In the state directory, where no other file is named. */
export const settingsFileName = 'authority.yaml';
