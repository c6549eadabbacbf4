/** A verified connection while it lives: in the index, closed when its peer no longer passes, and at the latest when it expires. */
import { toRfc3339, type Timer } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { IndexedConnection } from './connection-index.ts';
import type { Gate } from './gate.ts';
import { waitMs } from './longest-wait.ts';
import { expiryOf, type Trust } from './trust.ts';
import { tell } from '../tell.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export interface LiveConnectionOptions {
  readonly peer: VerifiedPeer;
  readonly trust: Trust;
  /** Which verifier let the peer in. */
  readonly verifier?: object;
  /** Verifies the peer again under what is trusted now. */
  readonly recheck: () => VerifiedPeer;
  /** Ends the transport before it returns. */
  readonly close: (refusal: Refusal) => void;
  /** When the own credential that it rests on runs out, in milliseconds since 1970; the other side closes then. */
  readonly ownExpiry?: number;
}

/** Ahead of an expiry a keep-alive connection is to be given up in good order. Our own choice; a quarter of what is left where that is less. */
const longestMarginMs = 30_000;

/** The moment from which a connection whose certificate runs out at `expiry` should be given up. */
export function retirementOf(expiry: number, now: number): number {
  return expiry - Math.min(longestMarginMs, Math.max(0, expiry - now) / 4);
}

export class LiveConnection implements Gate {
  readonly peer: VerifiedPeer;
  /** Milliseconds since 1970 from which on no new request should begin here. */
  readonly retireAt: number;
  readonly #trust: Trust;
  readonly #entry: IndexedConnection;
  readonly #retirements = new Set<() => void>();
  /** The epoch in which the peer was looked at last. */
  #epoch: number;
  #ended = false;
  #expiry: Timer | undefined;
  #retirement: Timer | undefined;

  constructor({ peer, trust, verifier, recheck, close, ownExpiry = Number.POSITIVE_INFINITY }: LiveConnectionOptions) {
    this.peer = peer;
    this.#trust = trust;
    this.#epoch = peer.epoch;
    const now = trust.clock.now();
    this.retireAt = Math.min(retirementOf(expiryOf(peer), now), retirementOf(ownExpiry, now));
    const closing = (refusal: Refusal): void => {
      this.end();
      close(refusal);
    };
    this.#entry = { peer, verifier, recheck, close: closing };
    trust.connections.add(this.#entry);
    this.#armExpiry(closing);
  }

  /** Where the epoch moved on, the peer is looked at again here and now. */
  passes(): boolean {
    if (this.#ended) return false;
    const { epoch } = this.#trust;
    if (this.#epoch === epoch) return true;
    if (!this.#trust.recheck(this.#entry)) return false;
    this.#epoch = epoch;
    return true;
  }

  /** Calls `listener` once, at `retireAt`, while the connection lives; the function that is returned ends that. */
  onRetire(listener: () => void): () => void {
    const own = (): void => {
      listener();
    };
    this.#retirements.add(own);
    if (this.#retirement === undefined) this.#armRetirement();
    return () => void this.#retirements.delete(own);
  }

  /** Takes the connection out of the index; for when its transport has ended. */
  end(): void {
    this.#ended = true;
    this.#expiry?.cancel();
    this.#retirement?.cancel();
    this.#trust.connections.remove(this.#entry);
  }

  #armRetirement(): void {
    const { clock } = this.#trust;
    if (this.#ended || this.retireAt === Number.POSITIVE_INFINITY) return;
    const onTimer = (): void => {
      if (clock.now() < this.retireAt) {
        this.#armRetirement();
        return;
      }
      this.#retirement = undefined;
      for (const listener of this.#retirements) tell(listener);
      this.#retirements.clear();
    };
    this.#retirement = clock.after(waitMs(this.retireAt, clock.now()), onTimer, { unref: true });
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
