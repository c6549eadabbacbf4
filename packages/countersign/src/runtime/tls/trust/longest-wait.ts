/**
 * No wait for a moment of the wall clock is longer than this before that clock is looked at again: timers stand still while a machine sleeps,
 * and the wall clock may be set. Our own choice; as long may an expired connection outlive its certificate after a sleep where it carries no request.
 */
export const longestWaitMs = 30_000;

/** The next wait on the way to `moment` (milliseconds since 1970). */
export function waitMs(moment: number, now: number): number {
  return Math.min(longestWaitMs, Math.max(0, moment - now));
}
