/** What is told of a target that is not authenticated: each reason once, until it is another one or some time has gone by. */
import type { Clock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { failureOf, type Where } from './upstream-failure.ts';

export type OnNotAuthenticated = (refusal: Refusal) => void;

/** For a reason that came, went and comes again: one address may stand for several services, of which one is refused. Own choice. */
const leastMs = 60_000;

export class NotAuthenticated {
  readonly #clock: Clock;
  readonly #where: Where;
  readonly #onNew: OnNotAuthenticated;
  #reason: string | undefined;
  #toldMs = -Infinity;
  #stands = false;

  constructor(where: Where, clock: Clock, onNew: OnNotAuthenticated) {
    this.#where = where;
    this.#clock = clock;
    this.#onNew = onNew;
  }

  /** A connection was not made for it. */
  refused(error: unknown): void {
    const refusal = failureOf(error, this.#where);
    if (refusal.code === 'CS-GATEWAY-041') this.#tell(refusal);
  }

  /** A connection that was there was ended; one whose time was over is no news. */
  ended(error: unknown): void {
    if (isRefusal(error) && error.code.startsWith('CS-PEER-')) this.refused(error);
  }

  authenticated(): void {
    this.#stands = false;
  }

  #tell(refusal: Refusal): void {
    const { code: reason } = refusal.evidence;
    const now = this.#clock.monotonic();
    if (reason === this.#reason && (this.#stands || now - this.#toldMs < leastMs)) {
      this.#stands = true;
      return;
    }
    this.#stands = true;
    this.#reason = String(reason);
    this.#toldMs = now;
    this.#onNew(refusal);
  }
}
