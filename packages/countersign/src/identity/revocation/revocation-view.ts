/** What an endpoint knows of revocations at one moment. */
import type { RevokedEntry } from './revoked-entry.ts';

export interface RevocationView {
  /** The number of the feed up to which this holds. */
  readonly number: number;
  /** Milliseconds since 1970 until which this counts as known; afterwards the lease has ended. */
  readonly freshUntil: number;
  isRevoked(issuerKey: string, serialNumber: string): RevokedEntry | undefined;
  /**
   * The entries added since `earlier`; `undefined` where that can't be told, so that everything must be looked at.
   * It lets a revocation touch only the connections that it concerns.
   */
  addedSince?(earlier: RevocationView): readonly RevokedEntry[] | undefined;
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
