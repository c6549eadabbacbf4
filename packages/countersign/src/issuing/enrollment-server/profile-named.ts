/** The profile of a token or a record, as it is now. */
import { enrolledProfile, type Profile } from '../authority/index.ts';
import type { Enrollment } from './enrollment.ts';

/** Throws CS-PROFILE-001 where there is none any more. */
export function profileNamed({ profiles }: Pick<Enrollment, 'profiles'>, name: string): Profile {
  const set = profiles.current();
  return enrolledProfile(set, name) ?? set.require(name);
}
