/** What a person can set for an authority: the sections of its file, each described beside it. */
import { z } from 'zod';

import { type AuditSettings, auditSettings } from './audit-settings.ts';
import { type AdministratorsSection, administratorsSection } from './administrators-section.ts';
import { type CrlSettings, crlSettings, ownListOf, ownListWord } from './crl-settings.ts';
import { type PartnersSection, partnersSection } from './partners-section.ts';
import { type ProfilesSection, profilesSection } from './profiles-section.ts';
import { type PublishingSettings, publishingSettings } from './publishing-settings.ts';
import { type TelemetrySettings, telemetrySettings } from './telemetry-settings.ts';
import { type TidySettings, tidySettings } from './tidy-settings.ts';
import { type TokenIssuerSettings, tokenIssuerSettings } from './token-issuer-settings.ts';

/** Every section may be absent; what is absent has its default. */
export interface AuthoritySettings {
  readonly audit?: AuditSettings | undefined;
  readonly administrators?: AdministratorsSection | undefined;
  readonly crl?: CrlSettings | undefined;
  readonly partners?: PartnersSection | undefined;
  readonly profiles?: ProfilesSection | undefined;
  readonly publishing?: PublishingSettings | undefined;
  readonly telemetry?: TelemetrySettings | undefined;
  readonly tidy?: TidySettings | undefined;
  readonly tokenIssuer?: TokenIssuerSettings | undefined;
}

const sections = z.strictObject({
  audit: auditSettings.optional(),
  administrators: administratorsSection.optional(),
  crl: crlSettings.optional(),
  partners: partnersSection.optional(),
  profiles: profilesSection.optional(),
  publishing: publishingSettings.optional(),
  telemetry: telemetrySettings.optional(),
  tidy: tidySettings.optional(),
  tokenIssuer: tokenIssuerSettings.optional(),
});

export const authoritySettings: z.ZodType<AuthoritySettings> = sections.superRefine((settings, context) => {
  if (ownListOf(settings) !== undefined) return;
  for (const [name, { crl = [] }] of Object.entries(settings.profiles ?? {})) {
    if (!crl.includes(ownListWord)) continue;
    const message = "the authority's own list needs 'url' in the section 'crl', where it is found";
    context.addIssue({ code: 'custom', path: ['profiles', name, 'crl'], message });
  }
});

/** In the state directory, where no other file is named. */
export const settingsFileName = 'authority.yaml';
