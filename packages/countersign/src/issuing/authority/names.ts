/** The policy on names: every name, from whichever source, passes here before it can be in a certificate. */
import { isIP } from 'node:net';

import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { parseSpiffeId } from '../../identity/spiffe/index.ts';
import { formatIpAddress, type GeneralNames, parseIpAddress } from '../../identity/x509/index.ts';
import { brokenDnsRule } from './dns-name.ts';
import type { Profile } from './profile.ts';

export interface GrantedNames extends Pick<GeneralNames, 'dns' | 'uri' | 'ip'> {
  /** Exactly one, as X509-SVID section 2 asks. */
  readonly spiffeId: string;
}

/** Own limit: a certificate travels in each handshake; nobody was seen to need more for one service. */
const mostNames = 20;

/**
 * The names of a certificate from those asked for; throws CS-AUTHORITY-003 at the first that is not allowed.
 * Without a SPIFFE ID among them, spiffe://TRUST-DOMAIN/FIRST-NAME is added.
 */
export function grantNames(asked: readonly string[], trustDomain: string, profile: Profile): GrantedNames {
  if (asked.length === 0) throw refused('', 'at least one name is needed');
  if (asked.length > mostNames) throw refused(asked[0] ?? '', `more than ${mostNames} names`);
  const dns: string[] = [];
  const uri: string[] = [];
  const ip: string[] = [];
  for (const name of asked) {
    const kind = kindOf(name);
    if (kind === 'uri') uri.push(allowedSpiffeId(name, trustDomain, profile));
    else if (kind === 'ip') ip.push(allowedIpAddress(name, profile));
    else dns.push(allowedDnsName(name));
  }
  if (new Set(asked).size !== asked.length) throw refused(asked.join(' '), 'a name twice');
  if (uri.length > 1) throw refused(uri[1] ?? '', 'more than one SPIFFE ID (X509-SVID 2)');
  const spiffeId = uri[0] ?? allowedSpiffeId(`spiffe://${trustDomain}/${dns[0] ?? ''}`, trustDomain, profile);
  return { dns, uri: [spiffeId], ip, spiffeId };
}

/** The names as one list, in the order DNS, URI, IP. */
export function listNames(names: Pick<GeneralNames, 'dns' | 'uri' | 'ip'>): string[] {
  return [...names.dns, ...names.uri, ...names.ip];
}

function kindOf(name: string): 'uri' | 'ip' | 'dns' {
  if (/^spiffe:/i.test(name) || name.includes('/')) return 'uri';
  // A bracketed or scoped IPv6 address falls to the DNS rule, which has no ":".
  return isIP(name) === 0 ? 'dns' : 'ip';
}

function allowedDnsName(name: string): string {
  const rule = brokenDnsRule(name);
  if (rule !== undefined) throw refused(name, rule);
  return name;
}

function allowedIpAddress(name: string, profile: Profile): string {
  if (!profile.names.ipAddresses) throw refused(name, 'an IP address: addresses change hands, a service has a name');
  const bytes = parseIpAddress(name);
  if (bytes === undefined) throw refused(name, 'not an IP address');
  return formatIpAddress(bytes) ?? name;
}

function allowedSpiffeId(name: string, trustDomain: string, profile: Profile): string {
  const id = parsedSpiffeId(name);
  if (id.trustDomain !== trustDomain) throw refused(name, `a SPIFFE ID of another trust domain than ${trustDomain}`);
  // Compared without regard to case: /Countersign/authority is another ID to a program and the same to a person.
  const first = id.path.split('/')[1]?.toLowerCase() ?? '';
  if (first === '') throw refused(name, 'a SPIFFE ID without a path is the trust domain itself (X509-SVID 2)');
  if (first === 'countersign' && !profile.names.reservedPaths)
    throw refused(name, "the path /countersign is the authority's own");
  return id.toString();
}

function parsedSpiffeId(name: string): ReturnType<typeof parseSpiffeId> {
  try {
    return parseSpiffeId(name);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new Refusal(
      'CS-AUTHORITY-003',
      { name, rule: `not a SPIFFE ID: ${String(error.evidence['rule'] ?? error.title)}` },
      { cause: error },
    );
  }
}

function refused(name: string, rule: string): Refusal {
  return new Refusal('CS-AUTHORITY-003', { name, rule });
}
