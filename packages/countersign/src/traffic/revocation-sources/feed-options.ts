/** What a follower of the feed is given. */
import type { Clock } from '../../ground/clock/index.ts';
import type { RevocationView } from '../../identity/revocation/index.ts';
import type { BundleSet } from '../../identity/spiffe/index.ts';
import type { StatusReport } from '../../runtime/api/index.ts';
import type { CredentialSource, MutableSource, Trust } from '../../runtime/tls/index.ts';
import type { AuditMemory } from './audit-memory.ts';
import type { Random } from './backoff.ts';
import type { FeedEventListener } from './feed-event.ts';

export interface FeedOptions {
  /** The authority's address: `https://host:port`; not needed with `socket`. */
  readonly url?: string | undefined;
  /** The authority's local socket, instead of its address: for a process that has no certificate. The messages are verified all the same. */
  readonly socket?: string | undefined;
  /** Lower-case hex SHA-256 of the authority's root. */
  readonly rootSha256: string;
  /** Not needed with `socket`. */
  readonly credentials?: CredentialSource | undefined;
  /** Set by the feed; its `home` is the authority's trust domain. */
  readonly bundles: MutableSource<BundleSet>;
  /** Set by the feed; begins as `RevocationState.unknown`. */
  readonly revocations: MutableSource<RevocationView>;
  /** The workload's own, over these two sources: what it closes is acknowledged. */
  readonly trust: Pick<Trust, 'settled' | 'closedTotal' | 'refusesAfterLease'>;
  /** This endpoint's name for itself: 16 to 64 characters of base64url, chosen at random when it starts. */
  readonly endpoint: string;
  readonly clock: Clock;
  /** At the socket alone: nothing rests on what is heard, so nothing is acknowledged, and nobody waits for it. Default false. */
  readonly observes?: boolean;
  /** What is held of the means that are asked beside the feed: told to the authority when it has changed, at the next message at latest. */
  readonly report?: (() => StatusReport | undefined) | undefined;
  /** Where the head of the authority's audit log is remembered; default in this process alone. */
  readonly auditMemory?: AuditMemory | undefined;
  /** What spreads attempts to reconnect; default Math.random. */
  readonly random?: Random;
  readonly onEvent?: FeedEventListener;
}
