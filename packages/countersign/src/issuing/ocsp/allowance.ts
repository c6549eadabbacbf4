/** So many a second, and as many at once. */
import type { Clock } from '../../ground/clock/index.ts';

export interface Allowance {
  /** Whether one more is allowed now; it counts then. */
  take(aSecond: number): boolean;
}

export function allowance(clock: Clock): Allowance {
  let left = Number.POSITIVE_INFINITY;
  let countedMs = clock.now();
  return {
    take: (aSecond) => {
      const nowMs = clock.now();
      // A clock that went back gives nothing.
      left = Math.min(aSecond, left + (Math.max(0, nowMs - countedMs) / 1000) * aSecond);
      countedMs = nowMs;
      if (left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
