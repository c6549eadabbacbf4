/** The policy on names: every name, from whichever source, passes here before it can be in a certificate. */
import { isIP } from 'node:net';

import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { parseSpiffeId, type SpiffeId } from '../../identity/spiffe/index.ts';
import { formatIpAddress, type GeneralNames, parseIpAddress } from '../../identity/x509/index.ts';
import { brokenDnsRule } from './dns-name.ts';
import { fitsDnsPattern } from './dns-pattern.ts';
import { fitsIpRange } from './ip-range.ts';
import { fitsMailboxPattern } from './mailbox-pattern.ts';
import { brokenMailboxRule, isMailboxLike, writtenMailbox, writtenName } from './mailbox.ts';
import { partnerProfile } from './partner-profile.ts';
import { fitsPathPattern } from './path-pattern.ts';
import type { Profile } from './profile.ts';

/** Those that a certificate of a profile can have. */
export type ProfileNames = Pick<GeneralNames, 'dns' | 'uri' | 'ip' | 'email'>;

export interface GrantedNames extends ProfileNames {
  /** Exactly one, as X509-SVID section 2 asks. */
  readonly spiffeId: string;
}

/** What the policy says of one name, and by which rule. */
export interface JudgedName {
  /** As it is written in a certificate. */
  readonly name: string;
  readonly kind: keyof ProfileNames;
  readonly allowed: boolean;
  /** The pattern that it fits, or the rule that it breaks. */
  readonly rule: string;
}

interface Policy {
  readonly trustDomain: string;
  readonly profile: Profile;
  /** The DNS name that a SPIFFE ID is made from. */
  readonly first: string | undefined;
}

/** Own limit: a certificate travels in each handshake; nobody was seen to need more for one service. */
const mostNames = 20;

/**
 * The names of a certificate from those asked for; throws CS-AUTHORITY-003 at the first that is not allowed.
 * Without a SPIFFE ID among them, spiffe://TRUST-DOMAIN/FIRST-NAME is added. A profile with names of its own gives these, to who asks for none or for these.
 */
export function grantNames(asked: readonly string[], trustDomain: string, profile: Profile): GrantedNames {
  const names = asked.length === 0 ? fixedNames(profile, trustDomain) : asked;
  const broken = brokenCount(names, trustDomain, profile);
  if (broken !== undefined) throw refused(broken.name, broken.rule, profile);
  const dns: string[] = [];
  const uri: string[] = [];
  const ip: string[] = [];
  const email: string[] = [];
  const kinds = { dns, uri, ip, email };
  for (const judged of judgeNames(names, trustDomain, profile)) {
    if (!judged.allowed) throw refused(judged.name, judged.rule, profile);
    kinds[judged.kind].push(judged.name);
  }
  return { dns, uri, ip, email, spiffeId: uri[0] ?? '' };
}

/** What is said of each name by itself, the SPIFFE ID that is added included. */
export function judgeNames(names: readonly string[], trustDomain: string, profile: Profile): readonly JudgedName[] {
  const kinds = names.map(kindOf);
  const first = names[kinds.indexOf('dns')];
  const policy = { trustDomain, profile, first };
  const judged = names.map((name, at) => judgeName(name, kinds[at] ?? 'dns', policy));
  if (kinds.includes('uri')) return judged;
  const added = `spiffe://${trustDomain}/${first ?? ''}`;
  if (first === undefined) return [...judged, { name: added, kind: 'uri', allowed: false, rule: noIdRule }];
  return [...judged, judgeSpiffeId(added, policy)];
}

const noIdRule =
  'each certificate has a SPIFFE ID (X509-SVID 2), and no DNS name is asked for that it could be made from';

/** What is said of the names together. */
export function brokenCount(
  names: readonly string[],
  trustDomain: string,
  profile: Profile,
): { readonly name: string; readonly rule: string } | undefined {
  if (names.length === 0) return { name: '', rule: 'at least one name is needed' };
  if (names.length > mostNames) return { name: names[0] ?? '', rule: `more than ${mostNames} names` };
  if (names.length > 1 && new Set(names.map(writtenName)).size !== names.length)
    return { name: names.join(' '), rule: 'a name twice' };
  const uri = names.length > 1 ? names.filter((name) => kindOf(name) === 'uri') : [];
  if (uri.length > 1) return { name: uri[1] ?? '', rule: 'more than one SPIFFE ID (X509-SVID 2)' };
  if (profile.names.fixed.length === 0) return undefined;
  const written = names.map(writtenName);
  const absent = fixedNames(profile, trustDomain).find((name) => !written.includes(name));
  return absent === undefined
    ? undefined
    : { name: absent, rule: "each of the profile's own names is in its certificates" };
}

/** The profile's own names, in full. */
export function fixedNames({ names }: Profile, trustDomain: string): readonly string[] {
  return names.fixed.map((name) => (name.startsWith('/') ? `spiffe://${trustDomain}${name}` : name));
}

/** The names as one list, in the order DNS, URI, IP, mailbox. */
export function listNames(names: ProfileNames): string[] {
  return [...names.dns, ...names.uri, ...names.ip, ...names.email];
}

function kindOf(name: string): JudgedName['kind'] {
  if (isMailboxLike(name)) return 'email';
  if (name.includes('/') || /^spiffe:/i.test(name)) return 'uri';
  // An address ends in a digit, which a DNS name may not, or has a ":": Node's own patterns take longer for a name than all of the policy.
  if (!/:|\d$/.test(name)) return 'dns';
  // A bracketed or scoped IPv6 address falls to the DNS rule, which has no ":".
  return isIP(name) === 0 ? 'dns' : 'ip';
}

function judgeName(name: string, kind: JudgedName['kind'], policy: Policy): JudgedName {
  if (kind === 'uri') return judgeSpiffeId(name, policy);
  if (kind === 'email') return judgeMailbox(name, policy);
  return kind === 'ip' ? judgeIpAddress(name, policy) : judgeDnsName(name, policy);
}

function judgeDnsName(name: string, policy: Policy): JudgedName {
  const no = (rule: string): JudgedName => ({ name, kind: 'dns', allowed: false, rule });
  const rule = brokenDnsRule(name);
  if (rule !== undefined) return no(rule);
  const { dns, source } = policy.profile.names;
  if (source === 'profile') return judgeFixed(name, 'dns', policy);
  const pattern = dns.find((candidate) => fitsDnsPattern(candidate, name));
  if (pattern !== undefined) return { name, kind: 'dns', allowed: true, rule: `dns ${pattern.text}` };
  return no(`no pattern of the profile's DNS names fits${listed(dns)}`);
}

function judgeIpAddress(name: string, policy: Policy): JudgedName {
  const octets = parseIpAddress(name);
  const written = (octets && formatIpAddress(octets)) ?? name;
  const no = (rule: string): JudgedName => ({ name: written, kind: 'ip', allowed: false, rule });
  if (octets === undefined) return no('not an IP address');
  const { ip, source } = policy.profile.names;
  if (source === 'profile') return judgeFixed(written, 'ip', policy);
  const range = ip.find((candidate) => fitsIpRange(candidate, octets));
  if (range !== undefined) return { name: written, kind: 'ip', allowed: true, rule: `ip ${range.text}` };
  return no(
    ip.length === 0
      ? 'an IP address: addresses change hands, a service has a name'
      : `in no range of the profile's IP addresses${listed(ip)}`,
  );
}

function judgeMailbox(asked: string, policy: Policy): JudgedName {
  const name = writtenMailbox(asked);
  const no = (rule: string): JudgedName => ({ name, kind: 'email', allowed: false, rule });
  const rule = brokenMailboxRule(name);
  if (rule !== undefined) return no(rule);
  const { email, source } = policy.profile.names;
  if (source === 'profile') return judgeFixed(name, 'email', policy);
  const pattern = email.find((candidate) => fitsMailboxPattern(candidate, name));
  if (pattern !== undefined) return { name, kind: 'email', allowed: true, rule: `email ${pattern.text}` };
  return no(`no pattern of the profile's mailboxes fits${listed(email)}`);
}

function judgeSpiffeId(asked: string, policy: Policy): JudgedName {
  const { trustDomain, profile, first } = policy;
  const no = (rule: string): JudgedName => ({ name: asked, kind: 'uri', allowed: false, rule });
  const id = parsedSpiffeId(asked);
  if (typeof id === 'string') return no(id);
  if (id.trustDomain !== trustDomain) return no(`a SPIFFE ID of another trust domain than ${trustDomain}`);
  // Compared without regard to case: /Countersign/authority is another ID to a program and the same to a person.
  const head = id.path.split('/')[1]?.toLowerCase() ?? '';
  if (head === '') return no('a SPIFFE ID without a path is the trust domain itself (X509-SVID 2)');
  if (head === 'countersign' && !profile.names.reservedPaths) return no("the path /countersign is the authority's own");
  if (isPartnerPath(id.path) && profile.name !== partnerProfile.name)
    return no('a SPIFFE ID under /partner is given by an invitation alone');
  const name = id.toString();
  const { spiffe, source } = profile.names;
  const own = first !== undefined && id.path === `/${first}`;
  if (source === 'profile') return own ? ownId(name) : judgeFixed(name, 'uri', policy);
  if (spiffe.length === 0)
    return own ? ownId(name) : no('a SPIFFE ID is the one of the first DNS name; the profile lists no others');
  const pattern = spiffe.find((candidate) => fitsPathPattern(candidate, id.path));
  if (pattern !== undefined) return { name, kind: 'uri', allowed: true, rule: `spiffe ${pattern.text}` };
  return no(`no pattern of the profile's SPIFFE IDs fits${listed(spiffe)}`);
}

/** Compared without regard to case, for the same reason. A service may be called partner. */
function isPartnerPath(path: string): boolean {
  return path.toLowerCase().startsWith('/partner/');
}

function ownId(name: string): JudgedName {
  return { name, kind: 'uri', allowed: true, rule: 'the SPIFFE ID of the first DNS name' };
}

function judgeFixed(name: string, kind: JudgedName['kind'], { profile, trustDomain }: Policy): JudgedName {
  const allowed = fixedNames(profile, trustDomain).includes(name);
  return { name, kind, allowed, rule: allowed ? "one of the profile's own names" : "none of the profile's own names" };
}

function listed(patterns: readonly { readonly text: string }[]): string {
  return patterns.length === 0 ? ': it lists none' : ` (${patterns.map(({ text }) => text).join(', ')})`;
}

/** @returns the rule that it breaks, where it is none */
function parsedSpiffeId(name: string): SpiffeId | string {
  try {
    return parseSpiffeId(name);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return `not a SPIFFE ID: ${String(error.evidence['rule'] ?? error.title)}`;
  }
}

function refused(name: string, rule: string, profile: Profile): Refusal {
  return new Refusal('CS-AUTHORITY-003', { name, rule, profile: profile.name });
}
