/** When a list is fetched again, and when its end is told. Milliseconds throughout. */
import type { Random } from '../backoff.ts';

/** Own choice: no publisher is asked more often, whatever it says. */
export const leastBetweenMs = 30_000;

const firstRetryMs = 10_000;
const longestRetryMs = 600_000;

export interface FetchState {
  /** Until the list that is held is out of date; 0 or less where it is. */
  readonly leftMs: number;
  readonly fetchEveryMs: number;
  /** How long the answer says that it stays fresh for a cache. */
  readonly cacheMs?: number | undefined;
}

/**
 * After a success: at the latest when between a third and half of what is left remains, spread over a third of the wait, so that a thousand
 * endpoints that were started together do not stay together.
 */
export function untilNextFetchMs({ leftMs, fetchEveryMs, cacheMs }: FetchState, random: Random): number {
  const cached = cacheMs === undefined || cacheMs === 0 ? Number.POSITIVE_INFINITY : cacheMs;
  const latest = Math.min(fetchEveryMs, (leftMs * 2) / 3, cached);
  return Math.max(leastBetweenMs, Math.round(latest * (3 / 4 + random() / 4)));
}

/** Doubles with each failure up to ten minutes, or an eighth of what is left where that is less, and is spread over its upper half. */
export function untilRetryMs(failures: number, leftMs: number, random: Random): number {
  const cap = leftMs > 0 ? Math.min(longestRetryMs, Math.max(firstRetryMs, leftMs / 8)) : longestRetryMs;
  const whole = Math.min(cap, firstRetryMs * 2 ** Math.min(failures - 1, 16));
  return Math.round(whole / 2 + (random() * whole) / 2);
}

const hourMs = 3_600_000;

/**
 * How long before the end it is told. Where fetching fails: a quarter of the list's life and at least an hour of it, as far as it is that
 * long. Where it succeeds and nothing newer is there an eighth: publishers renew late, and not that late.
 */
export function warnAheadMs(lifeMs: number, failing: boolean): number {
  return failing ? Math.max(lifeMs / 4, Math.min(hourMs, lifeMs / 2)) : lifeMs / 8;
}
