/** The profiles under which others enrol, by name: one whole, so that an issuing sees those of before a change or those of after it. */
import { nearMatch, Refusal } from '../../ground/errors/index.ts';
import { administratorProfile } from './administrator-profile.ts';
import { partnerProfile } from './partner-profile.ts';
import { ownProfiles, type Profile, serviceProfile } from './profile.ts';

export interface ProfileSet {
  /** In the order of their names; `service` is always among them. */
  readonly profiles: readonly Profile[];
  find(name: string): Profile | undefined;
  /** Throws CS-PROFILE-001 for a name that none has. */
  require(name: string): Profile;
  /** For how long after its end a certificate of any of them may still be renewed. */
  readonly longestRenewalMs: number;
}

/** Profiles that no file changes, and whose names none may take. */
export const reservedProfiles: readonly Profile[] = [administratorProfile, partnerProfile, ...ownProfiles];

/** Under which others enrol, and which are nobody's to choose: an operation of its own makes the token. */
const assignedProfiles: readonly Profile[] = [administratorProfile, partnerProfile];

/** The profile under which somebody has enrolled: of the set, or an assigned one. */
export function enrolledProfile(profiles: ProfileSet, name: string): Profile | undefined {
  return assignedProfiles.find((profile) => profile.name === name) ?? profiles.find(name);
}

/** The name of the profile that is used where none is named. */
export const defaultProfileName: string = serviceProfile.name;

/** @param own those of the settings; one with the name `service` takes the place of the built-in one */
export function profileSet(own: readonly Profile[] = []): ProfileSet {
  const byName = new Map([serviceProfile, ...own].map((profile) => [profile.name, profile]));
  for (const { name } of reservedProfiles) {
    if (byName.has(name)) throw new TypeError(`${name} is a profile of the authority's own`);
  }
  const profiles = [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    profiles,
    find: (name) => byName.get(name),
    require: (name) => {
      const profile = byName.get(name);
      if (profile !== undefined) return profile;
      const nearest = nearMatch(name, [...byName.keys()]) ?? 'none';
      throw new Refusal('CS-PROFILE-001', { profile: name, nearest, known: [...byName.keys()] });
    },
    longestRenewalMs: Math.max(...profiles.map(({ renewAfterExpiryMs }) => renewAfterExpiryMs)),
  };
}
