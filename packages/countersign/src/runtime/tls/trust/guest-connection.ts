/**
 * A connection of a client that showed no certificate that counts, where they are optional: it rests on no trust, but is given up ahead of the own
 * credential's expiry, and ends when it has lived as long as it may.
 */
import { Refusal } from '../../../ground/errors/index.ts';
import { retirementOf } from './live-connection.ts';
import { Retirement } from './retirement.ts';
import type { Trust } from './trust.ts';

export interface GuestConnectionOptions {
  /** Whose clock and timers it lives by. */
  readonly trust: Trust;
  /** When the own credential that it rests on runs out, in milliseconds since 1970. */
  readonly ownExpiry: number;
  /** Milliseconds from now after which it is closed; infinite where nobody asked for an end. */
  readonly longestLifeMs: number;
  /** Ends the transport. */
  readonly close: (refusal: Refusal) => void;
}

export class GuestConnection {
  /** Milliseconds since 1970 from which on no new request should begin here. */
  readonly retireAt: number;
  readonly #retirement: Retirement;
  readonly #lifeEnd: Retirement;

  constructor({ trust, ownExpiry, longestLifeMs, close }: GuestConnectionOptions) {
    const now = trust.clock.now();
    this.retireAt = retirementOf(Math.min(ownExpiry, now + longestLifeMs), now);
    this.#retirement = new Retirement(this.retireAt, trust.reminders);
    this.#lifeEnd = new Retirement(now + longestLifeMs, trust.reminders);
    this.#lifeEnd.add(() => close(new Refusal('CS-PEER-013', { peer: 'without a certificate', longestLifeMs })));
  }

  /** Calls `listener` once, at `retireAt`, while the connection lives; the function that is returned ends that. */
  onRetire(listener: () => void): () => void {
    return this.#retirement.add(listener);
  }

  /** For when its transport has ended. */
  end(): void {
    this.#retirement.end();
    this.#lifeEnd.end();
  }
}
