/** What a person can set of the responder. */

export interface OcspRules {
  /** From thisUpdate to nextUpdate, in milliseconds. */
  readonly answerLifeMs: number;
  /** Whether a nonce is answered, by a signature on demand (RFC 9654), or passed over as who signs ahead does (RFC 9919). */
  readonly nonces: 'signed' | 'ignored';
  /** Signatures on demand in a second, at most: for nonces, for what is not on record, for several certificates at once. */
  readonly signaturesASecond: number;
}

/**
 * 12 h: as the lease of the feed, since both are how long somebody cut off goes on with what he knows. 100 signatures: about 1 % of a core, and
 * so what strangers can cost at most.
 */
export const defaultOcspRules: OcspRules = {
  answerLifeMs: 12 * 3_600_000,
  nonces: 'ignored',
  signaturesASecond: 100,
};
