/** Tidies the storage now and then, in steps between which everything else has its turn. */
import type { Clock, Timer } from '../../ground/clock/index.ts';
import type { ServerLog } from './server-event.ts';
import type { StoreKeeper, TidyCounts, TidyRules } from './store-keeper.ts';

export interface TidyingOptions {
  readonly keeper: StoreKeeper;
  /** Asked for at each round, since settings can change. */
  readonly rules: () => TidyRules;
  readonly clock: Clock;
  readonly log: ServerLog;
}

export interface Tidying {
  /** Resolves when no step is under way any more. */
  close(): Promise<void>;
}

/** A minute after the start, when everybody has come back, then each hour: what an hour leaves is little. Own choices. */
const firstMs = 60_000;
const everyMs = 3_600_000;

/**
 * A step is meant to take 10 ms of the database's thread: as long as a group of 64 certificates waits for the disk. How many rows that are depends on the
 * disk and on how much is stored, so each step finds out for the next. Nine times as long the thread is left alone. Own choices.
 */
const wantedStepMs = 10;
const restFactor = 9;
const shortestRestMs = 20;
const mostRows = 100;
const leastRows = 5;

export function keepTidy({ keeper, rules, clock, log }: TidyingOptions): Tidying {
  let timer: Timer | undefined;
  let closed = false;
  let under: Promise<void> = Promise.resolve();

  let rows = leastRows;

  const step = async (cursor: string | undefined, so: TidyCounts | undefined): Promise<void> => {
    const began = clock.monotonic();
    try {
      const { removed, next } = await keeper.tidy({ nowMs: clock.now(), keep: rules(), most: rows, cursor });
      const tookMs = clock.monotonic() - began;
      rows = Math.round(Math.min(mostRows, Math.max(leastRows, rows * (tookMs > wantedStepMs ? 0.5 : 1.5))));
      const sum = added(so, removed);
      if (next !== undefined) {
        arm(Math.max(shortestRestMs, tookMs * restFactor), () => step(next, sum));
        return;
      }
      if (Object.values(sum).some((count) => count > 0)) log({ event: 'tidied', removed: sum });
    } catch (error) {
      log({ event: 'failed', what: 'tidying the storage', why: String(error) });
    }
    arm(everyMs, () => step(undefined, undefined));
  };
  const arm = (ms: number, next: () => Promise<void>): void => {
    if (!closed) timer = clock.after(ms, () => void (under = next()), { unref: true });
  };
  arm(firstMs, () => step(undefined, undefined));

  return {
    close: async () => {
      closed = true;
      timer?.cancel();
      await under;
    },
  };
}

function added(a: TidyCounts | undefined, b: TidyCounts): TidyCounts {
  if (a === undefined) return b;
  return {
    certificates: a.certificates + b.certificates,
    revocations: a.revocations + b.revocations,
    tokens: a.tokens + b.tokens,
    intents: a.intents + b.intents,
    endpoints: a.endpoints + b.endpoints,
    changes: a.changes + b.changes,
  };
}
