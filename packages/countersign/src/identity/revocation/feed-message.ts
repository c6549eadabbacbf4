/** What the feed says: the whole state, a change, or that there is nothing new. */
import type { RevokedEntry } from './revoked-entry.ts';
import type { ReleasedEntry, RevokedScope } from './revoked-scope.ts';

/** Up to where the authority's audit log goes, and the hash that stands for all of it: whoever remembers it notices a log that was rewritten. */
export interface FeedAuditHead {
  readonly sequence: number;
  /** Lower-case hex SHA-256. */
  readonly hash: string;
}

/** What the log holds under a number that the subscriber remembers; the hash is absent where it holds nothing there. */
export interface FeedAuditAnswer {
  readonly sequence: number;
  readonly hash?: string;
}

interface Numbered {
  /** Lower-case hex SHA-256 of the authority's root certificate (DER). */
  readonly authority: string;
  /** The number of the state after this message; each change adds one. */
  readonly number: number;
  /** When the authority made the message, in milliseconds since 1970. */
  readonly at: number;
  readonly audit: FeedAuditHead;
  /** In the first message to a subscriber that said what it remembers. */
  readonly auditAnswer?: FeedAuditAnswer;
}

/** A trust domain's bundle as it travels. */
export interface FeedBundle {
  readonly trustDomain: string;
  /** Rises with each change of the bundle. */
  readonly sequence: number;
  /** PEM, one certificate each. */
  readonly anchors: readonly string[];
  readonly intermediates: readonly string[];
}

export interface StateMessage extends Numbered {
  readonly kind: 'state';
  /** All that are revoked or held, and not expired. */
  readonly revoked: readonly RevokedEntry[];
  /** Identities and issuers' keys; absent where there is none. */
  readonly scopes?: readonly RevokedScope[];
  /** Holds that ended, of certificates that have not expired: what was told as held and is in neither list was lost. Absent where there is none. */
  readonly released?: readonly ReleasedEntry[];
  readonly bundle: FeedBundle;
  /** How long after `at` of the last message the state counts as fresh. */
  readonly leaseMs: number;
  /** How often at least a message comes. */
  readonly heartbeatMs: number;
}

export interface ChangeMessage extends Numbered {
  readonly kind: 'change';
  /** Those revoked or held since the number before, and those revoked for good that were held. */
  readonly revoked: readonly RevokedEntry[];
  readonly scopes?: readonly RevokedScope[];
  /** Holds that ended since the number before. */
  readonly released?: readonly ReleasedEntry[];
  readonly bundle?: FeedBundle;
}

export interface HeartbeatMessage extends Numbered {
  readonly kind: 'heartbeat';
}

export type FeedMessage = StateMessage | ChangeMessage | HeartbeatMessage;
