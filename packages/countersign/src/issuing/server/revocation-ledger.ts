/** The storage port of revocation and the feed's numbering. */
import type {
  FeedBundle,
  ReleasedEntry,
  RevocationReason,
  RevokedEntry,
  RevokedScope,
} from '../../identity/revocation/index.ts';
import type { AuditEvent } from '../../runtime/audit/index.ts';

/** One of `serialNumber`, `name` and `scope`; with an identity as the scope, the name is the identity, too. */
export interface RevocationOrder {
  readonly serialNumber?: string | undefined;
  /** Revokes what carries it, the authority's own certificates apart: those of services and of administrators. */
  readonly name?: string | undefined;
  /** Also what is not on record. What is of an issuer's key is not listed one by one. */
  readonly scope?: RevokedScope | undefined;
  /** certificateHold: until it is released. */
  readonly reason: RevocationReason;
  readonly atMs: number;
  /** Certificates that expired before this can neither be used nor renewed, and are left alone. */
  readonly usefulSinceMs: number;
}

export interface RevocationResult {
  /** All that the order concerns, those revoked earlier included. */
  readonly serialNumbers: readonly string[];
  /** The feed's number from which on all of them are revoked. */
  readonly number: number;
  /** Set where the order revoked something new. */
  readonly change?: FeedChange | undefined;
}

/** What one number of the feed brought. */
export interface FeedChange {
  readonly number: number;
  readonly atMs: number;
  readonly revoked: readonly RevokedEntry[];
  readonly scopes?: readonly RevokedScope[];
  readonly released?: readonly ReleasedEntry[];
  readonly bundle?: FeedBundle | undefined;
}

/** What an order would concern that is not revoked yet. */
export interface RevocationPreview {
  readonly certificates: number;
  readonly identities: number;
}

export type ReleaseResult =
  | { readonly outcome: 'released'; readonly serialNumbers: readonly string[]; readonly change: FeedChange }
  /** Nothing of its line is held. */
  | { readonly outcome: 'not-held' }
  /** Something of its line is revoked for good. */
  | { readonly outcome: 'revoked' };

export interface FeedState {
  readonly number: number;
  /** The latest time of any message, so that the feed's time never goes back. */
  readonly latestMs: number;
  /** Absent before the first `establishBundle`. */
  readonly bundle?: FeedBundle | undefined;
  /** What is revoked or held and has not expired. */
  readonly revoked: readonly RevokedEntry[];
  readonly scopes?: readonly RevokedScope[];
  /** What was held and has not expired. */
  readonly released?: readonly ReleasedEntry[];
}

export interface RevocationLedger {
  /**
   * Revokes a certificate with all of its line of renewals, and those of the same key and identity: renewing keeps the key and the right to renew,
   * so a thief of one has them all. With the reason keyCompromise it takes those of the same key under other identities, too. The revocation and the feed's number are one transaction; an order repeated changes nothing.
   * `undefined`: the order concerns nothing.
   * @param event for the audit log, written in the same transaction with the serials that were revoked and the feed's number; not where nothing is new
   */
  revoke(order: RevocationOrder, event: AuditEvent): Promise<RevocationResult | undefined>;
  /** Counts what `revoke` would revoke; changes nothing. */
  previewRevocation(order: RevocationOrder): Promise<RevocationPreview>;
  /**
   * Ends the hold of a certificate with all of its line, in one transaction with the feed's number.
   * @param event for the audit log, where something was released
   */
  release(order: { readonly serialNumber: string; readonly atMs: number }, event: AuditEvent): Promise<ReleaseResult>;
  /** The feed as it is now. */
  feedState(nowMs: number): Promise<FeedState>;
  /** The changes after `number`, in order, as long as all of them are kept; else `undefined`. */
  changesAfter(number: number, limit: number): Promise<readonly FeedChange[] | undefined>;
  /** Keeps the bundle; where it differs from the last one it gets the next sequence, and the feed the next number. */
  establishBundle(bundle: Omit<FeedBundle, 'sequence'>, atMs: number): Promise<FeedChange | undefined>;
}
