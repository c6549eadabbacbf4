/** The profile of administrators' certificates: an identity for a client, of one name, and of short life. */
import { extendedKeyUsages } from '../../identity/x509/index.ts';
import { type Profile, serviceProfile } from './profile.ts';

const hourMs = 3_600_000;

/**
 * clientAuth alone: it opens no server to anybody. Default 24 h, as services have it: renewed each working day. Longest 7 days, so that a weekend and
 * a holiday are survived. Never renewed after expiry: a machine found in a drawer gives nobody power; a new token does.
 * The names under /countersign/ are granted; that it is exactly one, an administrator's, whoever makes the token sees to.
 */
export const administratorProfile: Profile = {
  ...serviceProfile,
  name: 'administrator',
  life: { shortestMs: 60_000, defaultMs: 24 * hourMs, longestMs: 7 * 24 * hourMs },
  renewAfterExpiryMs: 0,
  extendedKeyUsage: [extendedKeyUsages.clientAuth],
  names: { ...serviceProfile.names, dns: [], reservedPaths: true },
};
