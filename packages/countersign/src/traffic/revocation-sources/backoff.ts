/** The pause before the next attempt to open the feed. */

/** A number from 0 up to and not including 1. */
export type Random = () => number;

const firstMs = 250;

/** Our own choice; a quarter of the lease where that is less, so that several attempts fit in what is left. */
const longestMs = 15_000;

/**
 * Doubles with each failure and is spread over its upper half, so that a thousand endpoints do not come back at once.
 * @param leaseMs 0 where no lease is known yet
 */
export function backoffMs(failures: number, leaseMs: number, random: Random): number {
  const cap = leaseMs > 0 ? Math.max(firstMs, Math.min(longestMs, leaseMs / 4)) : longestMs;
  const whole = Math.min(cap, firstMs * 2 ** Math.min(failures, 16));
  return Math.round(whole / 2 + (random() * whole) / 2);
}
