/** A live connection as its trust keeps it: found by what can end it, looked at again after each change, and due at its end. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { IndexedConnection } from './connection-index.ts';
import type { Due } from './expiry-queue.ts';
import type { Sliceable } from './sliced-work.ts';

export interface RestingConnection extends IndexedConnection, Sliceable, Due {
  /** As it was verified last; its path, and so what can revoke it, may change with the bundles. */
  readonly peer: VerifiedPeer;
  /** The epoch in which it was looked at last. */
  epoch: number;
  /** Why it is to be closed, once that is certain: it hands nothing on from then on, whatever is trusted when its turn comes. */
  doom: Refusal | undefined;
  /** For how many it is counted when it is closed; absent for itself alone. */
  readonly carried?: number | undefined;
  /** Verifies the peer again under what is trusted now. @throws Refusal */
  recheck(): VerifiedPeer;
  /** Takes over what `recheck` returned. */
  stand(peer: VerifiedPeer): void;
  /** Why it ends at `dueAt`. */
  refusalWhenDue(): Refusal;
}
