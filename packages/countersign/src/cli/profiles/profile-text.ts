/** A profile for people: which names, for how long, which keys, for what. */
import { type Row, rowLines } from '../inspect/rows.ts';
import { formatDuration } from '../text/duration.ts';
import type { ProfileData } from './describe-profile.ts';

const chosenBy: Readonly<Record<string, string>> = {
  token: 'chosen by who makes the token',
  request: 'chosen by who sends the certification request',
  profile: 'always the same',
};

export function profileText(data: ProfileData): string {
  return [` profile ${data.name}`, ...rowLines(rows(data))].join('\n');
}

function rows(data: ProfileData): Row[] {
  const { names, subject } = data;
  return [
    ['names', chosenBy[names.from] ?? names.from],
    ['DNS', namesOf(names.dns, names.fixed.length > 0)],
    ['SPIFFE IDs', namesOf(spiffeOf(data), names.fixed.length > 0)],
    ['addresses', namesOf(names.ip, names.fixed.length > 0)],
    ['mailboxes', namesOf(names.email, names.fixed.length > 0)],
    ['fixed', names.fixed.length === 0 ? undefined : names.fixed],
    ['life', lifeText(data)],
    ['renewal', renewalText(data)],
    ['keys', data.keys.join(', ')],
    ['key usage', data.keyUsage.join(', ')],
    ['for', [data.usages.join(', '), ...(data.usagesCritical ? ['critical'] : [])]],
    ['subject', subjectText(subject)],
    ['revocation', revocationText(data)],
    ['policies', data.policies.length === 0 ? undefined : data.policies],
  ];
}

function namesOf(patterns: readonly string[], fixed: boolean): string | undefined {
  if (fixed) return undefined;
  return patterns.length === 0 ? 'none' : patterns.join('  ');
}

/** Without patterns there is the one that each certificate needs (X509-SVID 2). */
function spiffeOf({ names: { spiffe } }: ProfileData): readonly string[] {
  return spiffe.length === 0 ? ['the one of the first DNS name'] : spiffe;
}

export function lifeText({ leastSeconds, defaultSeconds, mostSeconds }: ProfileData): string {
  const [least, usual, most] = [leastSeconds, defaultSeconds, mostSeconds].map((seconds) =>
    formatDuration(seconds * 1000),
  );
  return `${usual ?? ''} (${least ?? ''} to ${most ?? ''})`;
}

function renewalText({ renewAfterExpirySeconds: seconds }: ProfileData): string {
  return seconds === 0 ? 'not after it has expired' : `until ${formatDuration(seconds * 1000)} after it has expired`;
}

function subjectText({ commonName, organization }: ProfileData['subject']): string {
  const parts = [
    ...(commonName ? ['CN, the first DNS name'] : []),
    ...(organization === null ? [] : [`O=${organization}`]),
  ];
  return parts.length === 0 ? 'empty' : parts.join('; ');
}

function revocationText({ crl, ocsp, noRevAvail }: ProfileData): string[] {
  if (noRevAvail) return ['says that nobody will tell (noRevAvail)'];
  const told = [...crl.map((url) => `list ${url}`), ...ocsp.map((url) => `OCSP ${url}`)];
  return told.length === 0 ? ['not told in the certificate: endpoints follow the feed'] : told;
}
