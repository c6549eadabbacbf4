/** A verified connection while it lives: in the index, closed when its peer no longer passes, and at the latest when it expires. */
import { toRfc3339, type Timer } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { IndexedConnection } from './connection-index.ts';
import { waitMs } from './longest-wait.ts';
import { expiryOf, type Trust } from './trust.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export interface LiveConnectionOptions {
  readonly peer: VerifiedPeer;
  readonly trust: Trust;
  /** Verifies the peer again under what is trusted now. */
  readonly recheck: () => VerifiedPeer;
  /** Ends the transport before it returns. */
  readonly close: (refusal: Refusal) => void;
}

/** Ahead of an expiry a keep-alive connection is to be given up in good order. Our own choice; a quarter of what is left where that is less. */
const longestMarginMs = 30_000;

/** The moment from which a connection whose certificate runs out at `expiry` should be given up. */
export function retirementOf(expiry: number, now: number): number {
  return expiry - Math.min(longestMarginMs, Math.max(0, expiry - now) / 4);
}

export class LiveConnection {
  readonly peer: VerifiedPeer;
  /** Milliseconds since 1970 from which on no new request should begin here. */
  readonly retireAt: number;
  readonly #trust: Trust;
  readonly #entry: IndexedConnection;
  #expiry: Timer | undefined;

  constructor({ peer, trust, recheck, close }: LiveConnectionOptions) {
    this.peer = peer;
    this.#trust = trust;
    this.retireAt = retirementOf(expiryOf(peer), trust.clock.now());
    const closing = (refusal: Refusal): void => {
      this.end();
      close(refusal);
    };
    this.#entry = { peer, recheck, close: closing };
    trust.connections.add(this.#entry);
    this.#armExpiry(closing);
  }

  /** Takes the connection out of the index; for when its transport has ended. */
  end(): void {
    this.#expiry?.cancel();
    this.#trust.connections.remove(this.#entry);
  }

  #armExpiry(close: (refusal: Refusal) => void): void {
    const { clock } = this.#trust;
    const onExpiry = (): void => {
      if (clock.now() < expiryOf(this.peer)) {
        this.#armExpiry(close);
        return;
      }
      const reason = `notAfter ${toRfc3339(this.peer.notAfter)} passed on a live connection`;
      close(new Refusal('CS-PEER-003', { subject: this.peer.name, reason }));
    };
    this.#expiry = clock.after(waitMs(expiryOf(this.peer), clock.now()), onExpiry, { unref: true });
  }
}
