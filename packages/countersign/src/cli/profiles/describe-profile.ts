/** A profile as data, in the words of the settings, with what it takes from the built-in one written out. */
import type { Profile } from '../../issuing/authority/index.ts';
import { purposes } from '../../issuing/server/index.ts';

export interface ProfileData {
  readonly name: string;
  readonly names: {
    readonly from: string;
    readonly dns: readonly string[];
    readonly spiffe: readonly string[];
    readonly ip: readonly string[];
    readonly email: readonly string[];
    readonly fixed: readonly string[];
  };
  readonly leastSeconds: number;
  readonly defaultSeconds: number;
  readonly mostSeconds: number;
  readonly renewAfterExpirySeconds: number;
  readonly keys: readonly string[];
  readonly keyUsage: readonly string[];
  readonly usages: readonly string[];
  readonly usagesCritical: boolean;
  readonly subject: { readonly commonName: boolean; readonly organization: string | null };
  readonly crl: readonly string[];
  readonly ocsp: readonly string[];
  readonly noRevAvail: boolean;
  readonly policies: readonly string[];
}

function purposeName(oid: string): string {
  return Object.entries(purposes).find(([, known]) => known === oid)?.[0] ?? oid;
}

export function describeProfile(profile: Profile): ProfileData {
  const { names, life, subject, revocation } = profile;
  const texts = (patterns: readonly { readonly text: string }[]): string[] => patterns.map(({ text }) => text);
  const { source: from, dns, spiffe, ip, email, fixed } = names;
  return {
    name: profile.name,
    names: { from, dns: texts(dns), spiffe: texts(spiffe), ip: texts(ip), email: texts(email), fixed },
    leastSeconds: life.shortestMs / 1000,
    defaultSeconds: life.defaultMs / 1000,
    mostSeconds: life.longestMs / 1000,
    renewAfterExpirySeconds: profile.renewAfterExpiryMs / 1000,
    keys: profile.keyTypes,
    keyUsage: profile.keyUsage,
    usages: profile.extendedKeyUsage.map(purposeName),
    usagesCritical: profile.extendedKeyUsageCritical,
    subject: { commonName: subject.commonName, organization: subject.organization ?? null },
    crl: revocation.crl,
    ocsp: revocation.ocsp,
    noRevAvail: revocation.noRevAvail,
    policies: profile.policies,
  };
}
