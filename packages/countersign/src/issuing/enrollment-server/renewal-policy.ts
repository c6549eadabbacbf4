/** The policy at a renewal: the profile as it is now, not as it was when the certificate was first issued. */
import { isRefusal, nearMatch, Refusal } from '../../ground/errors/index.ts';
import { toRfc3339 } from '../../ground/clock/index.ts';
import { parseCertificate } from '../../identity/x509/index.ts';
import {
  type CertificateRecord,
  enrolledProfile,
  grantNames,
  ownProfiles,
  type Profile,
  type ProfileSet,
  requireAllowedKey,
} from '../authority/index.ts';

/** What of a record the policy looks at. */
export type RenewableFacts = Pick<CertificateRecord, 'serialNumber' | 'profile' | 'names' | 'lifeMs'>;

/** The profile of its name; throws CS-RENEW-006 for the authority's own certificates and CS-RENEW-008 where there is none any more. */
export function renewalProfile(profiles: ProfileSet, { serialNumber: serial, profile }: RenewableFacts): Profile {
  if (ownProfiles.some(({ name }) => name === profile)) throw new Refusal('CS-RENEW-006', { serial, profile });
  const found = enrolledProfile(profiles, profile);
  if (found !== undefined) return found;
  const nearest =
    nearMatch(
      profile,
      profiles.profiles.map(({ name }) => name),
    ) ?? 'none';
  throw new Refusal('CS-RENEW-008', { serial, profile, nearest });
}

/** Throws CS-RENEW-009 with the first name that the profile does not give any more. */
export function requireRenewableNames(record: RenewableFacts, trustDomain: string, profile: Profile): void {
  try {
    grantNames(record.names, trustDomain, profile);
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'CS-AUTHORITY-003') throw error;
    const { name = '', rule = '' } = error.evidence;
    const facts = { serial: record.serialNumber, name, rule, profile: profile.name };
    throw new Refusal('CS-RENEW-009', facts, { cause: error });
  }
}

/**
 * The life of the record, within what the profile allows now: a shorter life takes nothing from anybody who renews, so a profile that was tightened
 * takes effect without an outage. A name or a key is who one is, and is refused instead.
 */
export function renewalLife({ lifeMs }: RenewableFacts, { life }: Profile): number {
  return Math.min(Math.max(lifeMs, life.shortestMs), life.longestMs);
}

/** Throws CS-RENEW-003 where the time for a renewal after expiry is over. */
export function requireInTime(
  { notAfterMs }: Pick<CertificateRecord, 'notAfterMs'>,
  profile: Profile,
  nowMs: number,
): void {
  const untilMs = notAfterMs + profile.renewAfterExpiryMs;
  if (nowMs <= untilMs) return;
  throw new Refusal('CS-RENEW-003', { notAfter: toRfc3339(notAfterMs), until: toRfc3339(untilMs) });
}

/** What its holder would be told who renewed it now, with the same key; `undefined` where it would be renewed. */
export function refusalAtRenewal(
  record: CertificateRecord,
  {
    profiles,
    trustDomain,
    nowMs,
  }: { readonly profiles: ProfileSet; readonly trustDomain: string; readonly nowMs: number },
): Refusal | undefined {
  try {
    const profile = renewalProfile(profiles, record);
    requireInTime(record, profile, nowMs);
    requireRenewableNames(record, trustDomain, profile);
    requireAllowedKey(parseCertificate(record.certificate).publicKey, profile);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error;
  }
}
