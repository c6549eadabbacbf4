/** When the next operation should begin. */
import type { LoadPlan } from './load-plan.ts';

export interface Pace {
  /** The moment, on the monotonic clock, from which its latency counts; it may be still to come. `undefined`: there are no more. */
  next(now: number): number | undefined;
  /** It has begun. */
  take(): void;
  /** Those that should have begun and never will. */
  missed(): number;
}

type Extent = Pick<LoadPlan, 'pace' | 'forMs' | 'operations'>;

/** @param graceMs after the last should have begun: what waits for a free connection longer never begins */
export function paceOf(
  { pace, forMs = Infinity, operations = Infinity }: Extent,
  start: number,
  graceMs: number,
): Pace {
  const end = start + forMs;
  let taken = 0;
  if ('closed' in pace) {
    return {
      next: (now) => (taken < operations && now < end ? now : undefined),
      take: () => void (taken += 1),
      missed: () => 0,
    };
  }
  const gapMs = 1000 / pace.perSecond;
  const all = Math.min(operations, Math.ceil(forMs / gapMs));
  const last = start + (all - 1) * gapMs + graceMs;
  return {
    next: (now) => (taken < all && now <= last ? start + taken * gapMs : undefined),
    take: () => void (taken += 1),
    missed: () => all - taken,
  };
}
