/** What a certificate may contain: one profile for services, which a person can change and add to, and those of the authority's own certificates. */
import { extendedKeyUsages, type KeyType, type KeyUsage } from '../../identity/x509/index.ts';
import type { DnsPattern } from './dns-pattern.ts';
import type { IpRange } from './ip-range.ts';
import type { MailboxPattern } from './mailbox-pattern.ts';
import { type PathPattern, parsePathPattern } from './path-pattern.ts';

/** Which names a certificate may carry. A kind of which nothing is listed is not given. */
export interface NameRules {
  /** Who chooses them: who made the token; who sends the certification request; nobody, since the profile has `fixed` ones. */
  readonly source: NameSource;
  readonly dns: readonly DnsPattern[];
  /** Empty: the SPIFFE ID made from the first DNS name, and no other. */
  readonly spiffe: readonly PathPattern[];
  readonly ip: readonly IpRange[];
  readonly email: readonly MailboxPattern[];
  /** The names of each certificate, where `source` is `profile`; else empty. A path is the SPIFFE ID with it, in the authority's trust domain. */
  readonly fixed: readonly string[];
  /** Whether SPIFFE IDs under /countersign/ may be given: the authority's own. */
  readonly reservedPaths: boolean;
}

export type NameSource = 'token' | 'request' | 'profile';

/** What the key of an end-entity certificate may be for; each is left out where the key can not do it. */
export type EndEntityKeyUsage = Extract<KeyUsage, 'digitalSignature' | 'keyEncipherment' | 'keyAgreement'>;

export interface Profile {
  readonly name: string;
  readonly life: { readonly shortestMs: number; readonly defaultMs: number; readonly longestMs: number };
  /** For how long after notAfter the key may still renew the certificate; 0: not at all. */
  readonly renewAfterExpiryMs: number;
  readonly names: NameRules;
  readonly keyTypes: readonly KeyType[];
  /** digitalSignature is always among them (X509-SVID 4.3). */
  readonly keyUsage: readonly EndEntityKeyUsage[];
  readonly extendedKeyUsage: readonly string[];
  /** Whether who does not understand the usage must refuse (RFC 5280, 4.2.1.12). */
  readonly extendedKeyUsageCritical: boolean;
  readonly subject: {
    /** Whether the first DNS name is repeated as the common name. */
    readonly commonName: boolean;
    readonly organization?: string | undefined;
  };
  readonly revocation: {
    /** Where revocation lists are: absolute http or https URLs, or one of the authority's own (`ownListTemplate`), which gives each certificate that of its shard. */
    readonly crl: readonly string[];
    /** Where OCSP responders are, likewise. */
    readonly ocsp: readonly string[];
    /** Whether it says that nobody will tell (RFC 9608); never beside the other two. */
    readonly noRevAvail: boolean;
  };
  /** Whether it says that its own revocation is not to be asked for: an OCSP responder's (RFC 6960, 4.2.2.2.1). */
  readonly ocspNoCheck?: true;
  /** certificatePolicies: object identifiers. */
  readonly policies: readonly string[];
}

const secondMs = 1000;
const hourMs = 3600 * secondMs;
const dayMs = 24 * hourMs;

/** Shortest 5 s: what the demonstration rotates; below that, backdating and clocks dominate. */
export const shortestLifeMs: number = 5 * secondMs;

const anyDnsName: DnsPattern = { text: '**', labels: [], deep: true };
const anyPath: PathPattern = known(parsePathPattern('/**'));

/** Every IPv4 address, and every IPv6 one. */
const anyAddress: readonly IpRange[] = [
  { text: '0.0.0.0/0', network: new Uint8Array(4), bits: 0 },
  { text: '::/0', network: new Uint8Array(16), bits: 0 },
];

const nothingTold: Profile['revocation'] = { crl: [], ocsp: [], noRevAvail: false };

/**
 * For services, both ends of mutual TLS; a profile of the settings takes from it what it does not say itself.
 * Default 24 h: a day's absence of the authority is survived by half of the fleet's remaining lives. Longest 7 days: beyond it the life, not the
 * feed, would decide how long a forgotten key is good. Renewal after expiry 7 days: a laptop's week of leave; doubt: nobody has measured it.
 * Keys: those that a handshake carries cheaply, and that this package makes itself.
 */
export const serviceProfile: Profile = {
  name: 'service',
  life: { shortestMs: shortestLifeMs, defaultMs: dayMs, longestMs: 7 * dayMs },
  renewAfterExpiryMs: 7 * dayMs,
  names: { source: 'token', dns: [anyDnsName], spiffe: [anyPath], ip: [], email: [], fixed: [], reservedPaths: false },
  keyTypes: ['P-256', 'P-384', 'Ed25519'],
  keyUsage: ['digitalSignature'],
  extendedKeyUsage: [extendedKeyUsages.serverAuth, extendedKeyUsages.clientAuth],
  extendedKeyUsageCritical: false,
  subject: { commonName: true },
  revocation: nothingTold,
  policies: [],
};

/**
 * The authority's own server certificate: reached by address before any name exists, so it may carry IP addresses. Both purposes, since an X509-SVID
 * that has any has these two (X509-SVID 4.4); its key never leaves the process.
 */
export const authorityServerProfile: Profile = {
  ...serviceProfile,
  name: 'authority-server',
  renewAfterExpiryMs: 0,
  names: { ...serviceProfile.names, ip: anyAddress, reservedPaths: true },
};

/**
 * The key that signs the feed, and may do nothing else: critical, so that who does not know the usage refuses the certificate. For the same reason it is
 * no valid X509-SVID (4.4).
 */
export const feedSigningProfile: Profile = {
  ...serviceProfile,
  name: 'feed-signing',
  life: { shortestMs: shortestLifeMs, defaultMs: 7 * dayMs, longestMs: 7 * dayMs },
  renewAfterExpiryMs: 0,
  names: { ...serviceProfile.names, reservedPaths: true },
  extendedKeyUsage: [extendedKeyUsages.feedSigning],
  extendedKeyUsageCritical: true,
};

/**
 * The key that signs OCSP answers. Without a check of its own revocation, which would ask this very key: it lives a week at most, and dies with the
 * process. Not critical, as RFC 6960 (4.2.2.2) leaves it; with a subject, since some clients find a responder by its name.
 */
export const ocspSigningProfile: Profile = {
  ...serviceProfile,
  name: 'ocsp-signing',
  life: { shortestMs: shortestLifeMs, defaultMs: 7 * dayMs, longestMs: 7 * dayMs },
  renewAfterExpiryMs: 0,
  names: { ...serviceProfile.names, reservedPaths: true },
  extendedKeyUsage: [extendedKeyUsages.OCSPSigning],
  subject: { commonName: false, organization: 'OCSP responder' },
  ocspNoCheck: true,
};

/** The authority's own: nobody enrols under them, and no file changes them. */
export const ownProfiles: readonly Profile[] = [authorityServerProfile, feedSigningProfile, ocspSigningProfile];

/** Certificates begin this much before they are issued, so that a peer whose clock is somewhat behind takes them at once. */
export const backdateMs: number = 60 * secondMs;

/** A pattern that stands in the code. */
export function known(pattern: PathPattern | string): PathPattern {
  if (typeof pattern === 'string') throw new TypeError(pattern);
  return pattern;
}
