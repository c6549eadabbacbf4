/** What a person can set for an authority: the sections of its file, each described beside it. */
import { z } from 'zod';

/** Every section may be absent; what is absent has its default. */
export type AuthoritySettings = Readonly<Record<string, never>>;

export const authoritySettings: z.ZodType<AuthoritySettings> = z.strictObject({});

/** In the state directory, where no other file is named. */
export const settingsFileName = 'authority.yaml';
