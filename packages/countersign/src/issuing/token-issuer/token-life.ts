/** How long access tokens live, and where what they rest on is kept. */

/** Beside the authority's own keys, in its state directory: keys that sign tokens, and which tokens were revoked. */
export const tokenFolder = 'token-issuer';
export const tokenKeysFolder = 'keys';

/** Milliseconds; short, since a resource that does not ask the issuer hears of no revoked token. Own choice. */
export const defaultTokenMs = 300_000;

/** Milliseconds; signing keys stay published so long after their last signature. Own choice. */
export const longestTokenMs = 3_600_000;
