/** How much an upstream may have under way, and when it is spared: its circuit breaker. */
import type { Clock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import type { CircuitBreaker } from './upstream-options.ts';

export const defaultCircuitBreaker: Required<CircuitBreaker> = {
  mostPending: 1024,
  mostRequests: 4096,
  openAfter: 50,
  openMs: 5000,
};

export class Limits {
  readonly #upstream: string;
  readonly #clock: Clock;
  readonly #most: Required<CircuitBreaker>;
  underWay = 0;
  pending = 0;
  /** Tries beyond the first that are under way. */
  retrying = 0;
  #failures = 0;
  #openUntil: number | undefined;
  #trying = false;

  constructor(upstream: string, clock: Clock, most: CircuitBreaker) {
    this.#upstream = upstream;
    this.#clock = clock;
    this.#most = { ...defaultCircuitBreaker, ...most };
  }

  /** Why nothing may be sent now. */
  refusal(): Refusal | undefined {
    const upstream = this.#upstream;
    const { mostPending, mostRequests, openMs } = this.#most;
    if (this.#openUntil !== undefined && (this.#trying || this.#clock.monotonic() < this.#openUntil))
      return new Refusal('CS-GATEWAY-039', { upstream, failures: this.#failures, forMs: openMs });
    if (this.underWay >= mostRequests)
      return new Refusal('CS-GATEWAY-038', { upstream, underWay: this.underWay, most: mostRequests });
    if (this.pending >= mostPending)
      return new Refusal('CS-GATEWAY-038', { upstream, underWay: this.pending, most: mostPending });
    return undefined;
  }

  /** @returns whether this request decides on the circuit */
  begin(): boolean {
    this.underWay += 1;
    this.pending += 1;
    if (this.#openUntil === undefined) return false;
    this.#trying = true;
    return true;
  }

  /** @param decides as `begin` has said; `undefined` outcome: the caller went away, which tells nothing */
  outcome(succeeded: boolean | undefined, decides: boolean): void {
    if (decides) this.#trying = false;
    if (succeeded === undefined) return;
    if (succeeded) {
      this.#failures = 0;
      if (decides) this.#openUntil = undefined;
      return;
    }
    this.#failures += 1;
    if (decides || (this.#openUntil === undefined && this.#failures >= this.#most.openAfter))
      this.#openUntil = this.#clock.monotonic() + this.#most.openMs;
  }

  /** A failing upstream must not get twice what it fails at: a fifth of what is under way, and three in any case. */
  mayRetry(): boolean {
    return this.retrying < Math.max(3, this.underWay / 5) && this.#openUntil === undefined;
  }
}
