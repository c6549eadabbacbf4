/** The profile of partners' certificates: one identity, for a client of another house. */
import { extendedKeyUsages } from '../../identity/x509/index.ts';
import { parsePathPattern } from './path-pattern.ts';
import { known, type Profile, serviceProfile } from './profile.ts';

const dayMs = 24 * 3_600_000;

/**
 * clientAuth alone: it opens no server to anybody. Default 90 days, as the public Web's certificates were renewed by hand for years: a partner may have
 * nothing but openssl and curl. Longest 398 days. Never renewed after expiry: a new invitation is needed then. RSA, too: it is what `openssl req` makes
 * where nothing is said. The names under /partner/ are granted; that it is exactly one, the partner's, whoever invites sees to.
 */
export const partnerProfile: Profile = {
  ...serviceProfile,
  name: 'invited-partner',
  life: { shortestMs: 60_000, defaultMs: 90 * dayMs, longestMs: 398 * dayMs },
  renewAfterExpiryMs: 0,
  keyTypes: ['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA'],
  extendedKeyUsage: [extendedKeyUsages.clientAuth],
  names: { ...serviceProfile.names, dns: [], spiffe: [known(parsePathPattern('/partner/*'))] },
};
