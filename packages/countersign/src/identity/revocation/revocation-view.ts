/** What an endpoint knows of revocations at one moment. */
import type { RevokedEntry } from './revoked-entry.ts';
import type { RevokedScope, ScopeSubject } from './revoked-scope.ts';

export interface RevocationView {
  /** The number of the feed up to which this holds. */
  readonly number: number;
  /** Milliseconds since 1970 until which this counts as known; afterwards the lease has ended. */
  readonly freshUntil: number;
  /** The same for each trust domain by itself, of a view that several authorities tell: whom it leaves out has none. Absent where it is one for all. */
  readonly leases?: ReadonlyMap<string, number>;
  /** Held ones as well: their reason is certificateHold. */
  isRevoked(issuerKey: string, serialNumber: string): RevokedEntry | undefined;
  /** By identity or by issuer's key; absent where nothing ever is. */
  scopeOf?(subject: ScopeSubject): RevokedScope | undefined;
  /**
   * The entries added since `earlier`; `undefined` where that can't be told, so that everything must be looked at.
   * It lets a revocation touch only the connections that it concerns.
   */
  addedSince?(earlier: RevocationView): readonly RevokedEntry[] | undefined;
  /** What else happened since `earlier`, where `addedSince` can tell; absent where nothing else ever does. */
  otherwiseSince?(earlier: RevocationView): OtherChange;
}

export interface OtherChange {
  readonly scopes: readonly RevokedScope[];
  /** Whether a hold has ended: then somebody who was refused may be let in. */
  readonly released: boolean;
}

/**
 * A view in which nothing is ever revoked and nothing runs out.
 * For endpoints that follow no feed: their worst exposure is the life of a certificate.
 */
export const withoutRevocation: RevocationView = {
  number: 0,
  freshUntil: Number.POSITIVE_INFINITY,
  isRevoked: () => undefined,
  addedSince: () => [],
};
