/** The section `profiles`: what certificates may contain, each profile by its name. What one does not say is as in the built-in `service`. */
import { z } from 'zod';

import { ownProfiles, type ProfileSet, profileSet } from '../../authority/index.ts';
import { brokenRules } from './profile-sanity.ts';
import { type ProfileSettings, profileSettings } from './profile-settings.ts';
import { toProfile } from './to-profile.ts';

export type ProfilesSection = Readonly<Record<string, ProfileSettings>>;

/** It stands in tokens, records and lines of log. */
const profileName = z
  .string()
  .regex(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'the name of a profile: a letter, then a-z, 0-9 and "-"');

/** Own limit. */
const mostProfiles = 200;

/** Looked at only where each value is sound by itself. */
const sane = z.custom<ProfilesSection>().superRefine((section, context) => {
  const complain = (path: readonly string[], message: string): void =>
    context.addIssue({ code: 'custom', path: [...path], message });
  const entries = Object.entries(section);
  if (entries.length > mostProfiles) complain([], `more than ${String(mostProfiles)} profiles`);
  for (const [name, settings] of entries) {
    if (ownProfiles.some((own) => own.name === name)) {
      complain([name], "it is a profile of the authority's own, which no file changes");
      continue;
    }
    for (const { place, rule } of brokenRules(toProfile(name, settings))) complain([name, ...place], rule);
  }
});

export const profilesSection: z.ZodType<ProfilesSection> = z.record(profileName, profileSettings).pipe(sane);

/** @param ownList what stands for `own` in a profile's `crl` */
export function toProfileSet(section: ProfilesSection | undefined, ownList?: string): ProfileSet {
  return profileSet(Object.entries(section ?? {}).map(([name, settings]) => toProfile(name, settings, ownList)));
}
