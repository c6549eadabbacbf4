/** What a person can set for an authority: the sections of its file, each described beside it. */
import { z } from 'zod';

import { type AuditSettings, auditSettings } from './audit-settings.ts';
import { type AdministratorsSection, administratorsSection } from './administrators-section.ts';
import { type ProfilesSection, profilesSection } from './profiles-section.ts';
import { type PublishingSettings, publishingSettings } from './publishing-settings.ts';
import { type TelemetrySettings, telemetrySettings } from './telemetry-settings.ts';
import { type TidySettings, tidySettings } from './tidy-settings.ts';

/** Every section may be absent; what is absent has its default. */
export interface AuthoritySettings {
  readonly audit?: AuditSettings | undefined;
  readonly administrators?: AdministratorsSection | undefined;
  readonly profiles?: ProfilesSection | undefined;
  readonly publishing?: PublishingSettings | undefined;
  readonly telemetry?: TelemetrySettings | undefined;
  readonly tidy?: TidySettings | undefined;
}

export const authoritySettings: z.ZodType<AuthoritySettings> = z.strictObject({
  audit: auditSettings.optional(),
  administrators: administratorsSection.optional(),
  profiles: profilesSection.optional(),
  publishing: publishingSettings.optional(),
  telemetry: telemetrySettings.optional(),
  tidy: tidySettings.optional(),
});

/** In the state directory, where no other file is named. */
export const settingsFileName = 'authority.yaml';
