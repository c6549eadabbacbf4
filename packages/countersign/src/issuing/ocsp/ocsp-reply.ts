/** An OCSP response on its way to who asked, with what caches may know of it (RFC 9919, 6; RFC 5019, 6.2). */

/** What an answer says; of several certificates at once `several`, and `error` where it is no answer about any. */
export type OcspKind = 'good' | 'revoked' | 'unknown' | 'several' | 'error';

export const ocspKinds: readonly OcspKind[] = ['good', 'revoked', 'unknown', 'several', 'error'];

export interface OcspReply {
  readonly kind: OcspKind;
  /** OCSPResponse, DER. */
  readonly bytes: Uint8Array;
  /** Absent for what is for one asker alone: errors, and answers with a nonce. */
  readonly cache?: {
    /** Lower-case hexadecimal digits that differ where the bytes do. */
    readonly tag: string;
    /** Milliseconds since 1970, in whole seconds. */
    readonly thisUpdateMs: number;
    readonly nextUpdateMs: number;
  };
}
