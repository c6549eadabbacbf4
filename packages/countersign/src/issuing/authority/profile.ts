/** What a certificate may contain: one profile for services, and those of the authority's own certificates. */
import { extendedKeyUsages } from '../../identity/x509/index.ts';

export interface Profile {
  readonly name: string;
  readonly life: { readonly shortestMs: number; readonly defaultMs: number; readonly longestMs: number };
  /** For how long after notAfter the key may still renew the certificate; 0: not at all. */
  readonly renewAfterExpiryMs: number;
  readonly extendedKeyUsage: readonly string[];
  /** Whether who does not understand the usage must refuse (RFC 5280, 4.2.1.12). */
  readonly extendedKeyUsageCritical: boolean;
  readonly names: {
    readonly ipAddresses: boolean;
    /** Whether names under /countersign/ may be given: the authority's own. */
    readonly reservedPaths: boolean;
  };
}

const secondMs = 1000;
const hourMs = 3600 * secondMs;
const dayMs = 24 * hourMs;

/**
 * For services, both ends of mutual TLS.
 * Shortest 5 s: what the demonstration rotates; below that, backdating and clocks dominate. Default 24 h: a day's absence of the authority is survived
 * by half of the fleet's remaining lives. Longest 7 days: beyond it the life, not the feed, would decide how long a forgotten key is good.
 * Renewal after expiry 7 days: a laptop's week of leave; doubt: nobody has measured it.
 */
export const serviceProfile: Profile = {
  name: 'service',
  life: { shortestMs: 5 * secondMs, defaultMs: dayMs, longestMs: 7 * dayMs },
  renewAfterExpiryMs: 7 * dayMs,
  extendedKeyUsage: [extendedKeyUsages.serverAuth, extendedKeyUsages.clientAuth],
  extendedKeyUsageCritical: false,
  names: { ipAddresses: false, reservedPaths: false },
};

/**
 * The authority's own server certificate: reached by address before any name exists, so it may carry IP addresses. Both purposes, since an X509-SVID
 * that has any has these two (X509-SVID 4.4); its key never leaves the process.
 */
export const authorityServerProfile: Profile = {
  name: 'authority-server',
  life: { shortestMs: 5 * secondMs, defaultMs: dayMs, longestMs: 7 * dayMs },
  renewAfterExpiryMs: 0,
  extendedKeyUsage: [extendedKeyUsages.serverAuth, extendedKeyUsages.clientAuth],
  extendedKeyUsageCritical: false,
  names: { ipAddresses: true, reservedPaths: true },
};

/**
 * The key that signs the feed, and may do nothing else: critical, so that who does not know the usage refuses the certificate. For the same reason it is
 * no valid X509-SVID (4.4).
 */
export const feedSigningProfile: Profile = {
  name: 'feed-signing',
  life: { shortestMs: 5 * secondMs, defaultMs: 7 * dayMs, longestMs: 7 * dayMs },
  renewAfterExpiryMs: 0,
  extendedKeyUsage: [extendedKeyUsages.feedSigning],
  extendedKeyUsageCritical: true,
  names: { ipAddresses: false, reservedPaths: true },
};

/** Certificates begin this much before they are issued, so that a peer whose clock is somewhat behind takes them at once. */
export const backdateMs: number = 60 * secondMs;
