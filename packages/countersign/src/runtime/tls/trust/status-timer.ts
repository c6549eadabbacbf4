/** Wakes when what is known of a peer's status runs out: the checks tell of it; where one does not, or its own timer is late, this does. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { waitMs } from './longest-wait.ts';

/** All connections are gone through for those whose status ran out, no more often than this. Own choice; the gate holds each of them to its own moment. */
const shortestSweepMs = 1_000;

export class StatusTimer {
  readonly #clock: Clock;
  readonly #statuses: { readonly earliest: number } | undefined;
  readonly #onDue: () => void;
  #armed: { readonly timer: Timer; readonly at: number } | undefined;

  constructor(clock: Clock, statuses: { readonly earliest: number } | undefined, onDue: () => void) {
    this.#clock = clock;
    this.#statuses = statuses;
    this.#onDue = onDue;
  }

  /** For the earliest moment, where that is before the one for which it is armed. */
  arm(): void {
    const earliest = this.#statuses?.earliest ?? Number.POSITIVE_INFINITY;
    if (earliest >= (this.#armed?.at ?? Number.POSITIVE_INFINITY)) return;
    this.#armed?.timer.cancel();
    const now = this.#clock.now();
    const at = Math.max(earliest, now + shortestSweepMs);
    const onTimer = (): void => {
      this.#armed = undefined;
      if (this.#clock.now() >= at) this.#onDue();
      else this.arm();
    };
    this.#armed = { timer: this.#clock.after(waitMs(at, now), onTimer, { unref: true }), at };
  }

  cancel(): void {
    this.#armed?.timer.cancel();
  }
}
