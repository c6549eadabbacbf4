/** A verified connection while it lives: in the index, closed when its peer no longer passes, and at the latest when it expires. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import type { PeerVerifier } from '../peer/peer-verifier.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { Gate } from './gate.ts';
import type { RestingConnection } from './resting-connection.ts';
import { Retirement } from './retirement.ts';
import type { Urgency } from './sliced-work.ts';
import { expiryOf, type Trust } from './trust.ts';

export interface LiveConnectionOptions {
  readonly peer: VerifiedPeer;
  readonly trust: Trust;
  /** Which verifier let the peer in; it is asked again when what is trusted changes. */
  readonly verifier: Pick<PeerVerifier, 'verifyAgain'>;
  /** Ends the transport before it returns. It is called in mass: whatever it does beside that is paid ten thousand times. */
  readonly close: (refusal: Refusal) => void;
  /** When the own credential that it rests on runs out, in milliseconds since 1970; the other side closes then. */
  readonly ownExpiry?: number;
  /** Milliseconds from now after which it is closed. Default: it may live as long as its certificates. */
  readonly longestLifeMs?: number;
  /** For how many it is counted when it is closed: what rests on it may be no connection, or several things. Default 1. */
  readonly carried?: () => number;
}

/** Ahead of an expiry a keep-alive connection is to be given up in good order. Our own choice; a quarter of what is left where that is less. */
const longestMarginMs = 30_000;

/** The moment from which a connection whose certificate runs out at `expiry` should be given up. */
export function retirementOf(expiry: number, now: number): number {
  return expiry - Math.min(longestMarginMs, Math.max(0, expiry - now) / 4);
}

export class LiveConnection implements Gate, RestingConnection {
  /** Milliseconds since 1970 from which on no new request should begin here. */
  readonly retireAt: number;
  readonly verifier: Pick<PeerVerifier, 'verifyAgain'>;
  /** For its trust alone, as are the following. */
  queued: Urgency | undefined;
  epoch: number;
  doom: Refusal | undefined;
  dueAt: number;
  readonly #trust: Trust;
  readonly #close: (refusal: Refusal) => void;
  readonly #carried: (() => number) | undefined;
  readonly #longestLifeMs: number;
  readonly #lifeEnd: number;
  #peer: VerifiedPeer;
  #ended = false;
  #retirement: Retirement | undefined;

  constructor(options: LiveConnectionOptions) {
    const { peer, trust, verifier, close } = options;
    const { ownExpiry = Number.POSITIVE_INFINITY, longestLifeMs = Number.POSITIVE_INFINITY } = options;
    this.#peer = peer;
    this.#trust = trust;
    this.verifier = verifier;
    this.#close = close;
    this.#carried = options.carried;
    this.epoch = peer.epoch;
    const now = trust.clock.now();
    this.#longestLifeMs = longestLifeMs;
    this.#lifeEnd = now + longestLifeMs;
    this.dueAt = Math.min(expiryOf(peer), this.#lifeEnd);
    this.retireAt = retirementOf(Math.min(this.dueAt, ownExpiry), now);
    trust.enter(this);
  }

  /** As it was verified last. */
  get peer(): VerifiedPeer {
    return this.#peer;
  }

  get carried(): number | undefined {
    return this.#carried?.();
  }

  /** Where the epoch moved on, or a moment has come, the peer is looked at again here and now. */
  passes(): boolean {
    return this.isCurrent() || (!this.#ended && this.#trust.judge(this));
  }

  /** Whether it passes without another look. It ends nothing where it does not: for who has something to say before `passes` closes it. */
  isCurrent(): boolean {
    return !this.#ended && this.doom === undefined && this.epoch === this.#trust.epoch && this.#trust.isTimely(this);
  }

  /** Calls `listener` once, at `retireAt`, while the connection lives; the function that is returned ends that. */
  onRetire(listener: () => void): () => void {
    if (this.#ended) return () => undefined;
    this.#retirement ??= new Retirement(this.retireAt, this.#trust.reminders);
    return this.#retirement.add(listener);
  }

  /** Takes the connection out of the index; for when its transport has ended. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#trust.leave(this);
    this.#retirement?.end();
  }

  recheck(): VerifiedPeer {
    return this.verifier.verifyAgain(this.#peer);
  }

  stand(peer: VerifiedPeer): void {
    this.#peer = peer;
    this.dueAt = Math.min(expiryOf(peer), this.#lifeEnd);
  }

  refusalWhenDue(): Refusal {
    const { name, notAfter } = this.#peer;
    if (this.dueAt < expiryOf(this.#peer))
      return new Refusal('CS-PEER-013', { peer: name, longestLifeMs: this.#longestLifeMs });
    const reason = `notAfter ${toRfc3339(notAfter)} passed on a live connection`;
    return new Refusal('CS-PEER-003', { subject: name, reason });
  }

  close(refusal: Refusal): void {
    this.end();
    this.#close(refusal);
  }
}
