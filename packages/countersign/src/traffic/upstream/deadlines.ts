/** Moments after which something is too late, under one timer for all of them: a timer for each request would cost more than asking about all of them now and then. */
import type { Clock } from '../../ground/clock/index.ts';
import { type Member, Roster } from './roster.ts';

export interface Waiting extends Member {
  /** On the monotonic clock. */
  readonly deadline: number;
  /** Called at most once, when the deadline is over, by a tenth of the shortest wait at the most. */
  onLate(): void;
}

/** How late it may be noticed. */
const mostTickMs = 1000;
const leastTickMs = 10;

export class Deadlines {
  readonly #clock: Clock;
  readonly #waiting = new Roster<Waiting>();
  readonly #tickMs: number;
  #ticking = false;

  constructor(clock: Clock, shortestMs: number) {
    this.#clock = clock;
    this.#tickMs = Math.min(mostTickMs, Math.max(leastTickMs, shortestMs / 10));
  }

  add(waiting: Waiting): void {
    this.#waiting.add(waiting);
    if (this.#ticking) return;
    this.#ticking = true;
    this.#tick();
  }

  remove(waiting: Waiting): void {
    this.#waiting.remove(waiting);
  }

  /** Goes on once after the last has left, so that a request now and then starts no timer each. */
  #tick(): void {
    this.#clock.after(
      this.#tickMs,
      () => {
        const now = this.#clock.monotonic();
        for (const waiting of this.#waiting.all()) {
          // One that another has taken off is not late.
          if (waiting.deadline > now || waiting.place < 0) continue;
          this.#waiting.remove(waiting);
          waiting.onLate();
        }
        if (this.#waiting.size > 0) this.#tick();
        else this.#ticking = false;
      },
      { unref: true },
    );
  }
}
