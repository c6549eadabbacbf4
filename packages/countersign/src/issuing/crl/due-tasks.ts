/** What is to be done later, by both clocks: timers run on the monotonic one, and the wall clock may be set meanwhile, or the machine may sleep. */
import type { Clock, Timer } from '../../ground/clock/index.ts';

/** How late it is noticed that the wall clock was set. Own choice. */
const longestSleepMs = 60_000;

/** A wall clock that is set back by less is one being corrected; what was made ahead of it is of use soon. Own choice. */
export const mostSetBackMs = 300_000;

export class DueTasks<Task> {
  readonly #clock: Clock;
  readonly #isDue: (task: Task) => void;
  readonly #timers = new Map<Task, Timer>();

  constructor(clock: Clock, isDue: (task: Task) => void) {
    this.#clock = clock;
    this.#isDue = isDue;
  }

  /** In place of when it was to be done before. Sooner where the wall clock is set on, or back by far. */
  later(task: Task, ms: number): void {
    const clock = this.#clock;
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    const look = (): void => {
      const [shown, passed] = [clock.now() - wall, clock.monotonic() - monotonic];
      if (passed < ms && shown < ms && shown >= passed - mostSetBackMs) sleep(ms - passed);
      else this.#isDue(task);
    };
    const sleep = (left: number): void =>
      void this.#timers.set(task, clock.after(Math.min(left, longestSleepMs), look, { unref: true }));
    this.#timers.get(task)?.cancel();
    sleep(ms);
  }

  cancel(): void {
    for (const timer of this.#timers.values()) timer.cancel();
  }
}
