/** From a profile of the settings, each value of which was let through, to what issuing works with. */
import { durationMs } from '../../../runtime/config/index.ts';
import {
  type NameRules,
  parseDnsPattern,
  parseIpRange,
  parseMailboxPattern,
  parsePathPattern,
  type Profile,
  serviceProfile,
} from '../../authority/index.ts';
import { ownListWord } from './crl-settings.ts';
import { type NameSettings, type ProfileSettings, purposes } from './profile-settings.ts';

/** @param ownList what stands for `own`; where the settings do not say, nothing can be issued with it */
export function toProfile(name: string, settings: ProfileSettings, ownList?: string): Profile {
  const { subject, crl, ocsp, noRevAvail } = settings;
  const usages = settings.usages?.map((usage) => purposes[usage] ?? usage);
  return {
    name,
    life: lifeOf(settings.life ?? {}),
    renewAfterExpiryMs: ms(settings.renewAfterExpiry) ?? serviceProfile.renewAfterExpiryMs,
    names: settings.names === undefined ? serviceProfile.names : namesOf(settings.names),
    keyTypes: settings.keys ?? serviceProfile.keyTypes,
    keyUsage: settings.keyUsage ?? serviceProfile.keyUsage,
    extendedKeyUsage: usages ?? serviceProfile.extendedKeyUsage,
    extendedKeyUsageCritical: settings.usagesCritical ?? serviceProfile.extendedKeyUsageCritical,
    subject: {
      commonName: subject?.commonName ?? serviceProfile.subject.commonName,
      organization: subject?.organization,
    },
    revocation: {
      crl: (crl ?? []).map((place) => (place === ownListWord ? (ownList ?? place) : place)),
      ocsp: ocsp ?? [],
      noRevAvail: noRevAvail ?? false,
    },
    policies: settings.policies ?? [],
  };
}

/** Who says only the most means that what is usual is no more. */
function lifeOf({ least, default: usual, most }: NonNullable<ProfileSettings['life']>): Profile['life'] {
  const { life } = serviceProfile;
  const shortestMs = ms(least) ?? life.shortestMs;
  const longestMs = ms(most) ?? Math.max(life.longestMs, shortestMs);
  return { shortestMs, longestMs, defaultMs: ms(usual) ?? Math.max(Math.min(life.defaultMs, longestMs), shortestMs) };
}

/** Where names are said, what is not listed is not given: nothing is taken over from `service`. */
function namesOf({ from, dns, spiffe, ip, email, fixed }: NameSettings): NameRules {
  return {
    source: from ?? 'token',
    dns: parsed(dns, parseDnsPattern),
    spiffe: parsed(spiffe, parsePathPattern),
    ip: parsed(ip, parseIpRange),
    email: parsed(email, parseMailboxPattern),
    fixed: fixed ?? [],
    reservedPaths: false,
  };
}

function parsed<T>(texts: readonly string[] | undefined, parse: (text: string) => T | string): T[] {
  return (texts ?? []).map((text) => {
    const found = parse(text);
    if (typeof found === 'string') throw new TypeError(`${text}: ${found}`);
    return found;
  });
}

function ms(text: string | undefined): number | undefined {
  return text === undefined ? undefined : durationMs(text);
}
