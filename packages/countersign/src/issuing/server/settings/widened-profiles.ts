/** What a change of the settings' profiles allows that was not allowed before: a matter of who has the role `issuer`. */
import { widens } from '../../authority/index.ts';
import type { Widens } from '../approval/settings-gate.ts';
import { ownListOf } from './crl-settings.ts';
import { toProfileSet } from './profiles-section.ts';

export const widenedProfiles: Widens = (before, after) =>
  widens(toProfileSet(before.profiles, ownListOf(before)), toProfileSet(after.profiles, ownListOf(after))).map(
    ({ profile, allows }) => ({
      role: 'issuer',
      what: `profile ${profile}: ${allows}`,
    }),
  );
