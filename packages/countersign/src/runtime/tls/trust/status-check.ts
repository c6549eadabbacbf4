/**
 * Means beside the feed by which an endpoint finds out whether a certificate is revoked: lists, OCSP, staples. What is asked is answered at once from
 * what was fetched ahead; where that is not enough, it can be fetched before a peer is let in.
 */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { ValidatedPath } from '../../../identity/x509/index.ts';

export interface StatusQuestion {
  /** The end-entity certificate first; the anchor's own last, where it has one. */
  readonly path: ValidatedPath;
  /** That of the bundle under which the path was found. */
  readonly trustDomain: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** DER: the OCSP response that the peer stapled for its end-entity certificate (RFC 6066, 8). */
  readonly staple?: Uint8Array | undefined;
}

/** What one means says of one certificate. */
export type CertificateStatus =
  | { readonly status: 'good'; readonly freshUntil: number }
  | { readonly status: 'revoked'; readonly refusal: Refusal }
  /** It should know and does not. `lastKnown`: something out of date, or not to be relied upon otherwise, says revoked; softness does not let that in. */
  | { readonly status: 'undetermined'; readonly refusal: Refusal; readonly lastKnown?: 'revoked' }
  /** It has nothing to say of such certificates. */
  | { readonly status: 'notCovered' };

/** What a change may concern; keys as `revocationKey` and `issuerKeyOf` make them. */
export type StatusChange =
  | { readonly kind: 'everything' }
  | { readonly kind: 'issuers'; readonly issuerKeys: readonly string[] }
  | { readonly kind: 'certificates'; readonly revocationKeys: readonly string[] };

/** A list, a responder or a staple as `status` shows it. Times in milliseconds since 1970. */
export interface StatusEvidence {
  readonly means: 'crl' | 'ocsp' | 'staple';
  /** The file or the address. */
  readonly source: string;
  /** Whose certificates it speaks of, as text. */
  readonly issuer: string | undefined;
  readonly thisUpdate: number | undefined;
  readonly nextUpdate: number | undefined;
  readonly freshUntil: number | undefined;
  readonly fetchedAt: number | undefined;
  readonly nextFetchAt: number | undefined;
  /** Why the latest attempt failed, where it did. */
  readonly failure: Refusal | undefined;
}

export interface StatusCheck {
  /** One answer for each certificate of the path that is no anchor, in its order. Never throws for what was fetched. */
  ask(question: StatusQuestion): readonly CertificateStatus[];
  /**
   * Fetches what `ask` could not do without; `undefined` where there is nothing to fetch. Never rejects: `ask` says then what is still missing.
   * @param signal ends it early
   */
  fetchFor(question: StatusQuestion, signal: AbortSignal): Promise<void> | undefined;
  /** Calls `listener` when answers may have changed: something came, or ran out. The function that is returned ends that. */
  watch(listener: (change: StatusChange) => void): () => void;
  evidence(): readonly StatusEvidence[];
}
