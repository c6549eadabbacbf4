/** A clock that moves only when told: for tests of expiry, renewal and sleep. */
import type { Clock, Timer } from './clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on and runs what falls due, in order. */
  advance(ms: number): void;
  /** Sets the wall clock alone, as an administrator or NTP would; timers are not touched. */
  setNow(ms: number): void;
  /** How many timers are pending. */
  readonly pending: number;
}

export function manualClock(startMs: number): ManualClock {
  let wall = startMs;
  let elapsed = 0;
  const timers = new Set<{ due: number; callback: () => void }>();
  const nextDue = (until: number): { due: number; callback: () => void } | undefined => {
    const due = [...timers].filter((timer) => timer.due <= until).sort((a, b) => a.due - b.due);
    return due[0];
  };
  const moveTo = (moment: number): void => {
    wall += moment - elapsed;
    elapsed = moment;
  };
  return {
    now: () => wall,
    monotonic: () => elapsed,
    after(delayMs, callback): Timer {
      const timer = { due: elapsed + Math.max(0, delayMs), callback };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    advance(ms) {
      const until = elapsed + ms;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        timers.delete(timer);
        moveTo(timer.due);
        timer.callback();
      }
      moveTo(until);
    },
    setNow(ms) {
      wall = ms;
    },
    get pending() {
      return timers.size;
    },
  };
}
