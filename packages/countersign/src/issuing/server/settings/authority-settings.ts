/** What a person can set for an authority: the sections of its file, each described beside it. */
import { z } from 'zod';

import { type ProfilesSection, profilesSection } from './profiles-section.ts';
import { type TelemetrySettings, telemetrySettings } from './telemetry-settings.ts';

/** Every section may be absent; what is absent has its default. */
export interface AuthoritySettings {
  readonly profiles?: ProfilesSection | undefined;
  readonly telemetry?: TelemetrySettings | undefined;
}

export const authoritySettings: z.ZodType<AuthoritySettings> = z.strictObject({
  profiles: profilesSection.optional(),
  telemetry: telemetrySettings.optional(),
});

/** In the state directory, where no other file is named. */
export const settingsFileName = 'authority.yaml';
