/** The machine's own clock: the only place that reads it. */
import type { Clock, Timer } from './clock.ts';

/** Node's timers hold a signed 32-bit count of milliseconds; a longer delay would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (delayMs, callback, options) => startTimer(delayMs, callback, options?.unref ?? false),
};

function startTimer(delayMs: number, callback: () => void, unref: boolean): Timer {
  const due = performance.now() + delayMs;
  let handle: NodeJS.Timeout;
  const arm = (): void => {
    const left = Math.max(0, due - performance.now());
    handle = left > longestTimerMs ? setTimeout(arm, longestTimerMs) : setTimeout(callback, left);
    if (unref) handle.unref();
  };
  arm();
  return { cancel: () => clearTimeout(handle) };
}
