/** Whether a change of profiles lets anybody have what nobody could have before; in doubt it does. */
import { coversDnsPattern } from './dns-pattern.ts';
import { coversIpRange } from './ip-range.ts';
import { coversMailboxPattern } from './mailbox-pattern.ts';
import { fixedNames, judgeNames } from './names.ts';
import { coversPathPattern } from './path-pattern.ts';
import type { NameRules, Profile } from './profile.ts';
import type { ProfileSet } from './profile-set.ts';

export interface Widening {
  readonly profile: string;
  /** What is allowed now and was not, in words. */
  readonly allows: string;
}

/**
 * Empty where the change takes away, or changes nothing. A profile is compared with the one of its name; a new one with all of before, and it widens
 * nothing where one of them allows all that it does.
 */
export function widens(before: ProfileSet, after: ProfileSet): readonly Widening[] {
  return after.profiles.flatMap((profile) => {
    const same = before.find(profile.name);
    if (same !== undefined) return widenings(same, profile).map((allows) => ({ profile: profile.name, allows }));
    const covered = before.profiles.some((old) => widenings(old, profile).length === 0);
    return covered ? [] : [{ profile: profile.name, allows: 'a new profile, which allows what no other did' }];
  });
}

function widenings(before: Profile, after: Profile): string[] {
  return [
    ...widerNames(before, after),
    ...more('a key of the type', before.keyTypes, after.keyTypes),
    ...more('the key usage', before.keyUsage, after.keyUsage),
    ...more('the purpose', before.extendedKeyUsage, after.extendedKeyUsage),
    ...more('the policy', before.policies, after.policies),
    ...said(
      'purposes that who does not know them passes over',
      before.extendedKeyUsageCritical && !after.extendedKeyUsageCritical,
    ),
    ...said('a longer life', after.life.longestMs > before.life.longestMs),
    ...said('renewal longer after expiry', after.renewAfterExpiryMs > before.renewAfterExpiryMs),
    ...said('another organization in the subject', isOther(before.subject.organization, after.subject.organization)),
    ...said('that revocation is told nowhere', after.revocation.noRevAvail && !before.revocation.noRevAvail),
    // Who looks for revocation there finds none any more.
    ...more('no longer to name the revocation list', after.revocation.crl, before.revocation.crl),
    ...more('no longer to name the OCSP responder', after.revocation.ocsp, before.revocation.ocsp),
  ];
}

function widerNames(before: Profile, after: Profile): string[] {
  const [old, now] = [before.names, after.names];
  if (now.source === 'profile') return widerFixedNames(before, after);
  if (old.source === 'profile') return ['other names than its own'];
  return [
    ...said('that the request chooses the names', now.source === 'request' && old.source !== 'request'),
    ...uncovered('DNS names', old.dns, now.dns, coversDnsPattern),
    ...uncovered('IP addresses', old.ip, now.ip, coversIpRange),
    ...uncovered('mailboxes', old.email, now.email, coversMailboxPattern),
    ...uncovered('SPIFFE IDs', old.spiffe, now.spiffe, coversPathPattern),
    ...widerOwnId(old, now),
  ];
}

/** Without patterns of SPIFFE IDs there is the one made from the DNS name, which patterns may have left out. */
function widerOwnId(old: NameRules, now: NameRules): string[] {
  const wider = now.spiffe.length === 0 && old.spiffe.length > 0 && !old.spiffe.some(({ text }) => text === '/**');
  return said('the SPIFFE ID of the first DNS name', wider);
}

function widerFixedNames(before: Profile, after: Profile): string[] {
  // Whichever it is: profiles know none.
  const trustDomain = 'x';
  return judgeNames(fixedNames(after, trustDomain), trustDomain, before)
    .filter(({ allowed }) => !allowed)
    .map(({ name }) => `the name ${name.replace(/^spiffe:\/\/x/, '')}`);
}

function uncovered<Pattern extends { readonly text: string }>(
  what: string,
  before: readonly Pattern[],
  after: readonly Pattern[],
  covers: (outer: Pattern, inner: Pattern) => boolean,
): string[] {
  return after
    .filter((pattern) => !before.some((outer) => covers(outer, pattern)))
    .map(({ text }) => `${what} that fit ${text}`);
}

function more(what: string, before: readonly string[], after: readonly string[]): string[] {
  return after.filter((one) => !before.includes(one)).map((one) => `${what} ${one}`);
}

function isOther(before: string | undefined, after: string | undefined): boolean {
  return after !== undefined && after !== before;
}

function said(what: string, holds: boolean): string[] {
  return holds ? [what] : [];
}
