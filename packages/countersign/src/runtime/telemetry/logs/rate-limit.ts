/** Keeps a log from being flooded by whoever is refused: one record for each kind and second, and a count of what was left out. */
import type { Clock } from '../../../ground/clock/index.ts';

export interface RateLimit {
  /** How many of this kind were left out since the last that was let through; `undefined`: leave this one out, too. */
  admit(kind: string): number | undefined;
  /** Tells now what was left out: the log ends. */
  flush(): void;
  /** Left out in all, ever. */
  readonly leftOut: number;
}

export interface RateLimitOptions {
  readonly clock: Clock;
  /** One of a kind in this time, in milliseconds. */
  readonly everyMs: number;
  /** Of all kinds together in that time: an attacker has many addresses. */
  readonly mostAtOnce: number;
  /** What was left out of each kind that has ended; a call for all of them, since there may be thousands. */
  readonly onLeftOut: (counts: ReadonlyMap<string, number>) => void;
}

/** Kinds that are remembered at a time; what is new beyond it shares one. Own choice: 10,000 of 100 bytes are a megabyte. */
const mostKinds = 10_000;

export function rateLimit({ clock, everyMs, mostAtOnce, onLeftOut }: RateLimitOptions): RateLimit {
  const kinds = new Map<string, { sinceMs: number; leftOut: number }>();
  let window = { sinceMs: clock.monotonic(), admitted: 0 };
  let leftOut = 0;
  let sweeping = false;

  const sweep = (before: number): void => {
    const counts = new Map<string, number>();
    for (const [kind, { sinceMs, leftOut: count }] of kinds) {
      if (sinceMs > before) continue;
      kinds.delete(kind);
      if (count > 0) counts.set(kind, count);
    }
    if (counts.size > 0) onLeftOut(counts);
  };
  const arm = (): void => {
    if (sweeping) return;
    sweeping = true;
    clock.after(
      everyMs,
      () => {
        sweeping = false;
        sweep(clock.monotonic() - everyMs);
        if (kinds.size > 0) arm();
      },
      { unref: true },
    );
  };

  return {
    flush: () => sweep(clock.monotonic()),
    get leftOut() {
      return leftOut;
    },
    admit: (asked) => {
      const nowMs = clock.monotonic();
      if (nowMs - window.sinceMs >= everyMs) window = { sinceMs: nowMs, admitted: 0 };
      const kind = kinds.has(asked) || kinds.size < mostKinds ? asked : 'others';
      const known = kinds.get(kind);
      const due = known === undefined || nowMs - known.sinceMs >= everyMs;
      if (!due || window.admitted >= mostAtOnce) {
        leftOut++;
        kinds.set(kind, { sinceMs: known?.sinceMs ?? nowMs, leftOut: (known?.leftOut ?? 0) + 1 });
        arm();
        return undefined;
      }
      window.admitted++;
      kinds.set(kind, { sinceMs: nowMs, leftOut: 0 });
      arm();
      return known?.leftOut ?? 0;
    },
  };
}
