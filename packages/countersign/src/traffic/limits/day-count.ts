/** Counts days by midnights (UTC) that came while time passed, so that a clock that is set gives nobody a second quota. */
import type { Clock } from '../../ground/clock/index.ts';

const dayMs = 86_400_000;

/** How often the wall clock is asked when midnight is. */
const askAgainMs = 60_000;

/** Two midnights closer than this are one, and the clock was set in between. */
const leastDayMs = dayMs / 2;

export class DayCount {
  readonly #clock: Clock;
  #day = 0;
  #midnight = 0;
  #asked = 0;
  #began: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#ask(clock.monotonic());
  }

  /** The number of the day at `now`, in monotonic milliseconds. */
  at(now: number): number {
    // Asked before midnight comes, so that a clock set over it moves midnight and does not bring it.
    if (now < this.#midnight) {
      if (now - this.#asked >= askAgainMs) this.#ask(now);
      return this.#day;
    }
    if (this.#began === undefined || now - this.#began >= leastDayMs) {
      this.#day += 1;
      this.#began = now;
    }
    this.#ask(now);
    return this.#day;
  }

  /** From `now` on. */
  resetMs(now: number): number {
    return Math.max(0, this.#midnight - now);
  }

  #ask(now: number): void {
    this.#asked = now;
    const wall = this.#clock.now();
    this.#midnight = now + dayMs - (((wall % dayMs) + dayMs) % dayMs);
  }
}
