/** The machine's own clock: the only place that reads it. */
import type { Clock, Timer } from './clock.ts';

/** Node's timers hold a signed 32-bit count of milliseconds; a longer delay would fire at once. */
/** The kernel's own monotonic clock in microseconds, as other programs read it (clock_gettime(2), CLOCK_MONOTONIC). */
export function kernelMonotonicUs(): bigint {
  return process.hrtime.bigint() / 1000n;
}

const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback, options) => startTimer(delayMs, callback, options?.unref ?? false),
};

/** Never early, which Node's own timers can be by a millisecond: whoever waits for an expiry must find it past. */
function startTimer(delayMs: number, callback: () => void, unref: boolean): Timer {
  const due = performance.now() + delayMs;
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    handle = setTimeout(fire, Math.min(Math.ceil(due - performance.now()), longestTimerMs));
    if (unref) handle.unref();
  };
  const fire = (): void => (performance.now() < due ? arm() : callback());
  arm();
  return { cancel: () => clearTimeout(handle) };
}
