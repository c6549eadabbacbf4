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

  /** @param onLate called once, unless it is cancelled; late by a tenth at the most @param nowMs where the monotonic clock was read just now */
  within(waitMs: number, onLate: () => void, nowMs: number = this.#clock.monotonic()): Timer {
    let deadlines = this.#all.get(waitMs);
    if (deadlines === undefined) this.#all.set(waitMs, (deadlines = new Deadlines(this.#clock, waitMs)));
    const waiting = new WaitingAnswer(deadlines, nowMs + waitMs, onLate);
    deadlines.add(waiting);
    return waiting;
  }
}

class WaitingAnswer implements Waiting, Timer {
  readonly deadline: number;
  readonly onLate: () => void;
  place = -1;
  readonly #deadlines: Deadlines;

  constructor(deadlines: Deadlines, deadline: number, onLate: () => void) {
    this.#deadlines = deadlines;
    this.deadline = deadline;
    this.onLate = onLate;
  }

  cancel(): void {
    this.#deadlines.remove(this);
  }
}
