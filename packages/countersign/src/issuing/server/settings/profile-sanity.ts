/** What is wrong with a profile as a whole: one that could never issue, or whose parts contradict each other. */
import { isIP } from 'node:net';

import { canServe, isMailboxLike, type Profile, shortestLifeMs } from '../../authority/index.ts';

export interface BrokenRule {
  /** Where in the profile, as it is written, so that the line can be told. */
  readonly place: readonly string[];
  readonly rule: string;
}

const dayMs = 86_400_000;

/** A year, as an issuer lives: what is issued never outlives it. */
const longestLifeMs = 365 * dayMs;
/** 90 days: what can be renewed after its end is good for whoever holds the key. Own limit; doubt: a machine in a warehouse. */
const longestRenewalMs = 90 * dayMs;

export function brokenRules(profile: Profile): readonly BrokenRule[] {
  return [...lifeRules(profile), ...nameRules(profile), ...keyRules(profile), ...revocationRules(profile)];
}

function lifeRules({ life, renewAfterExpiryMs }: Profile): BrokenRule[] {
  const { shortestMs, defaultMs, longestMs } = life;
  return [
    ...when(shortestMs < shortestLifeMs, ['life', 'least'], `at least ${String(shortestLifeMs / 1000)}s`),
    ...when(longestMs > longestLifeMs, ['life', 'most'], 'at most 365d: no certificate outlives its issuer'),
    ...when(shortestMs > longestMs, ['life', 'least'], 'longer than the most: no life would be allowed'),
    ...when(defaultMs < shortestMs || defaultMs > longestMs, ['life', 'default'], 'not between the least and the most'),
    ...when(renewAfterExpiryMs > longestRenewalMs, ['renewAfterExpiry'], 'at most 90d'),
  ];
}

function nameRules({ names }: Profile): BrokenRule[] {
  const { source, dns, spiffe, ip, email, fixed } = names;
  if (source === 'profile') {
    const patterns = dns.length + spiffe.length + ip.length + email.length;
    return [
      ...when(patterns > 0, ['names'], "from: profile takes no patterns: its names are those of 'fixed'"),
      ...when(
        !fixed.some((name) => isIP(name) === 0 && !isMailboxLike(name)),
        ['names', 'fixed'],
        'a DNS name or the path of a SPIFFE ID is needed: without one no certificate could be issued',
      ),
      ...when(fixed.filter(isPath).length > 1, ['names', 'fixed'], 'more than one SPIFFE ID (X509-SVID 2)'),
    ];
  }
  return [
    ...when(fixed.length > 0, ['names', 'fixed'], 'fixed names need from: profile'),
    ...when(
      dns.length + spiffe.length === 0,
      ['names'],
      'DNS names or SPIFFE IDs are needed: without a pattern of either no certificate could be issued',
    ),
  ];
}

function isPath(name: string): boolean {
  return name.startsWith('/');
}

function keyRules({ keyTypes, keyUsage, extendedKeyUsage }: Profile): BrokenRule[] {
  const useless = keyUsage.find((usage) => !keyTypes.some((type) => canServe(type, usage)));
  return [
    ...when(keyTypes.length === 0, ['keys'], 'a type of key is needed: without one no certificate could be issued'),
    ...when(!keyUsage.includes('digitalSignature'), ['keyUsage'], 'digitalSignature is needed (X509-SVID 4.3)'),
    ...when(useless !== undefined, ['keyUsage'], `no key of the profile can serve ${String(useless)}`),
    ...when(
      extendedKeyUsage.length === 0,
      ['usages'],
      'a purpose is needed: without any the key would be good for all',
    ),
  ];
}

function revocationRules({ revocation: { crl, ocsp, noRevAvail } }: Profile): BrokenRule[] {
  const told = crl.length + ocsp.length > 0;
  return when(noRevAvail && told, ['noRevAvail'], 'not beside crl or ocsp: it says that there is neither (RFC 9608 3)');
}

function when(broken: boolean, place: readonly string[], rule: string): BrokenRule[] {
  return broken ? [{ place, rule }] : [];
}
