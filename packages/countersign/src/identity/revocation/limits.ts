/** The limits of feed messages: beyond them a message is refused before it is decoded. */

/** Entries of one message. Our own choice: 100,000 revoked and unexpired certificates are far beyond one authority of short-lived ones. */
export const mostRevokedEntries = 100_000;

/** Identities and issuers' keys of one message. Our own choice: each was revoked by a person. */
export const mostRevokedScopes = 10_000;

/** Characters of one envelope. Our own choice: an entry takes about 250 characters in base64url, so this holds `mostRevokedEntries`. */
export const mostEnvelopeCharacters: number = 32 * 1024 * 1024;

/** Certificates of each kind in one bundle. Our own choice: a rotation holds two or three at a time. */
export const mostBundleCertificates = 32;

/** Characters of one PEM certificate. Our own choice; those of our profiles take about 1,000. */
export const mostPemCharacters: number = 32 * 1024;

/** The longest heartbeat or lease: a day. Our own choice; beyond it "fresh" has no meaning. */
export const longestLeaseMs: number = 24 * 60 * 60 * 1000;
