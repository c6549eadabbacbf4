/** When to renew, and when to try again: spread at random, so that a thousand endpoints started together do not ask together. */
import type { HeldCredential } from '../enrollment/index.ts';

/** A number from 0 up to 1, as Math.random gives. */
export type Random = () => number;

/** ±10 %: enough to spread a fleet over a fifth of its renewal time; ours to choose. */
const jitter = 0.1;

/** No credential is renewed more often than twice a second, whatever its life and the clocks say. */
const shortestRestMs = 500;

/** First pause after a failure, as a part of the credential's life, within bounds; it doubles from there. Ours to choose. */
const firstPause = { part: 1 / 40, leastMs: 250, mostMs: 15_000 };

/** Longest pause: still ten attempts in the second half of the life, and every 10 minutes at least. Ours to choose. */
const longestPause = { part: 1 / 20, leastMs: 1_000, mostMs: 600_000 };

/** Half of what remained at receipt, ±10 %, as a moment in milliseconds since 1970. */
export function renewalMoment({ leaf, receivedAt }: HeldCredential, random: Random): number {
  const remainingMs = Math.max(0, leaf.notAfter - receivedAt);
  const spread = 1 + jitter * (2 * random() - 1);
  return receivedAt + Math.max(shortestRestMs, (remainingMs / 2) * spread);
}

/** The pause after the `failures`th failure in a row: doubling, bounded, between half and all of it. */
export function retryPauseMs({ leaf, receivedAt }: HeldCredential, failures: number, random: Random): number {
  const lifeMs = Math.max(0, leaf.notAfter - receivedAt);
  const first = within(firstPause, lifeMs);
  const doubled = first * 2 ** Math.min(30, failures - 1);
  return Math.min(doubled, Math.max(first, within(longestPause, lifeMs))) * (0.5 + random() / 2);
}

function within({ part, leastMs, mostMs }: typeof firstPause, lifeMs: number): number {
  return Math.min(mostMs, Math.max(leastMs, lifeMs * part));
}
