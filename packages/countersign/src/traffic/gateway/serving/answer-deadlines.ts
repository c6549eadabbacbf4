/** Until when answers must begin: one timer for all that have the same time, since one for each request would cost as much as deciding on it. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { Deadlines, type Waiting } from '../../upstream/index.ts';

export class AnswerDeadlines {
  readonly #clock: Clock;
  /** By how long; as many as the routes of all configurations so far have said. */
  readonly #all = new Map<number, Deadlines>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param onLate called once, unless it is cancelled; late by a tenth at the most */
  within(waitMs: number, onLate: () => void): Timer {
    const deadlines = this.#all.get(waitMs) ?? new Deadlines(this.#clock, waitMs);
    this.#all.set(waitMs, deadlines);
    const waiting: Waiting = { deadline: this.#clock.monotonic() + waitMs, place: -1, onLate };
    deadlines.add(waiting);
    return { cancel: () => deadlines.remove(waiting) };
  }
}
