/** Which profile a record is under, by its names: those of an administrator are granted to nobody else. */
import { administratorNameOf } from '../../runtime/api/index.ts';
import { administratorProfile, type Profile } from '../authority/index.ts';
import type { Enrollment } from './enrollment.ts';

export function profileFor({ authority, profile }: Enrollment, names: readonly string[]): Profile {
  const [only] = names;
  const isAdministrator = names.length === 1 && administratorNameOf(only, authority.trustDomain) !== undefined;
  return isAdministrator ? administratorProfile : profile;
}
