/** What a follower of the feed tells of itself. */
import type { Refusal } from '../../ground/errors/index.ts';
import type { AuditEvidence } from './audit-memory.ts';

export type FeedEvent =
  /** The stream is open. */
  | { readonly type: 'connected' }
  /** A message is in force: whatever it revokes is closed. */
  | {
      readonly type: 'applied';
      readonly kind: 'state' | 'change' | 'heartbeat';
      readonly number: number;
      readonly closed: number;
      /** Milliseconds since 1970. */
      readonly freshUntil: number;
    }
  | { readonly type: 'acknowledged'; readonly number: number; readonly closed: number }
  /** A message was not applied; the whole state is asked for anew. */
  | { readonly type: 'refused'; readonly refusal: Refusal }
  /** Nothing came for three heartbeats. */
  | { readonly type: 'silent'; readonly refusal: Refusal }
  /** The stream is gone or did not come about. */
  | { readonly type: 'interrupted'; readonly error: unknown; readonly nextAttemptMs: number }
  /** An acknowledgement did not arrive; it goes again with the next message. */
  | { readonly type: 'not-acknowledged'; readonly number: number; readonly error: unknown }
  /** An endpoint could not take a new bundle over; what is revoked is closed all the same. */
  | { readonly type: 'not-taken'; readonly error: unknown }
  /** The authority knows that nothing is served here any more. */
  | { readonly type: 'left' }
  /** The authority had lost revocations that are known here; so many it learned of now (others may have handed them back before). */
  | { readonly type: 'handed-back'; readonly lost: number; readonly learned: number }
  /** They could not be handed back; they stay in force here. */
  | { readonly type: 'not-handed-back'; readonly error: Refusal }
  /** It could not be told; it names this endpoint as unreachable until the lease ends. */
  | { readonly type: 'not-left'; readonly error: Refusal }
  /**
   * The authority's audit log is not the one whose head was remembered. Nothing is refused because of it, but a person must look; both signed
   * messages prove it.
   */
  | { readonly type: 'audit-contradicted'; readonly refusal: Refusal; readonly evidence: AuditEvidence }
  /** What is remembered of the audit log could not be read or kept. */
  | { readonly type: 'audit-not-remembered'; readonly error: unknown }
  /** What is known of revocations no longer counts. */
  | { readonly type: 'lease-ended'; readonly freshUntil: number };

export type FeedEventListener = (event: FeedEvent) => void;
