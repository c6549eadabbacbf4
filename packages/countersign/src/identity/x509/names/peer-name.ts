/** Whether an end-entity certificate carries a name that somebody asked for (RFC 9525). */
import { asciiLowerCase, isDnsName } from './dns-name.ts';
import type { Certificate } from '../certificate.ts';
import { formatIpAddress, parseIpAddress } from '../ip-address.ts';

/** A reference identity (RFC 9525, 1.7): `uri` is compared whole, as SPIFFE IDs are; `email` by RFC 5280, 7.5. */
export interface PeerName {
  readonly kind: 'dns' | 'ip' | 'uri' | 'email';
  readonly value: string;
}

/** What a text names: an IP address, a URI where it has a scheme, a mailbox where it has an "@", else a DNS name. */
export function peerNameOf(text: string): PeerName {
  if (parseIpAddress(text) !== undefined) return { kind: 'ip', value: text };
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return { kind: 'uri', value: text };
  return { kind: text.includes('@') ? 'email' : 'dns', value: text };
}

/** Whether "*.example.com" stands for each name with one label more (RFC 9525, 6.3), asked with "example.com". */
export type WildcardsAllowed = (domain: string) => boolean;

/** Subject common names are never looked at (RFC 9525, 2). */
export function carriesPeerName(
  { subjectAltName }: Certificate,
  { kind, value }: PeerName,
  wildcards: WildcardsAllowed,
): boolean {
  switch (kind) {
    case 'dns':
      return isDnsName(value) && subjectAltName.dns.some((presented) => matchesDnsName(presented, value, wildcards));
    case 'ip': {
      // An address is compared as octets and never with DNS names (RFC 9525, 6.5).
      const octets = parseIpAddress(value);
      return octets !== undefined && subjectAltName.ip.includes(formatIpAddress(octets) ?? '');
    }
    case 'uri':
      return subjectAltName.uri.includes(value);
    case 'email':
      return subjectAltName.email.some((presented) => mailboxKey(presented) === mailboxKey(value));
  }
}

function matchesDnsName(presented: string, asked: string, wildcards: WildcardsAllowed): boolean {
  const [pattern, name] = [asciiLowerCase(presented), asciiLowerCase(asked)];
  if (!pattern.startsWith('*.')) return pattern === name;
  const dot = name.indexOf('.');
  // A "*" that is not the whole first label matches nothing (RFC 9525, 6.3).
  const domain = pattern.slice(2);
  return dot > 0 && name.slice(dot + 1) === domain && isDnsName(domain) && wildcards(domain);
}

/** The local part counts letter for letter, the host does not (RFC 5280, 7.5). */
function mailboxKey(mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  return at < 0 ? mailbox : mailbox.slice(0, at) + asciiLowerCase(mailbox.slice(at));
}
