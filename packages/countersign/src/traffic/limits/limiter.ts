/** Rates, quotas and connections by caller: a look-up and an addition each, in a bounded table. */
import type { Clock } from '../../ground/clock/index.ts';
import { DayCount } from './day-count.ts';
import { burstOf, type Limits, type LimitVerdict } from './limits.ts';
import type { ToldUsage, Usage } from './usage.ts';

export interface LimiterOptions {
  readonly clock: Clock;
  /** Callers whose use is known. Beyond, those who are new share one account, so nobody is let in without being counted. Default 100,000. */
  readonly mostCallers?: number;
}

const defaultCallers = 100_000;

/** Accounts that each new caller looks at for one that can be forgotten. Own choice: forgetting keeps up, and no request waits for it. */
const lookedAt = 4;

/** Whoever has no account of his own. No key of a caller can be this one. */
const everybodyElse = '';

const unlimited = {
  burstLeft: undefined,
  burstResetMs: 0,
  dayLeft: undefined,
  dayResetMs: 0,
  retryAfterMs: 0,
} as const;
const free: LimitVerdict = { allowed: true, ...unlimited };

export class Limiter {
  readonly #clock: Clock;
  readonly #mostCallers: number;
  readonly #usages = new Map<string, Usage>();
  readonly #days: DayCount;
  #hand: MapIterator<[string, Usage]> | undefined;
  #untold: Usage[] = [];
  #telling = false;
  /** Whether anything that is kept has changed; the keeper takes it back. */
  changed = false;

  constructor({ clock, mostCallers = defaultCallers }: LimiterOptions) {
    this.#clock = clock;
    this.#mostCallers = mostCallers;
    this.#days = new DayCount(clock);
  }

  /** Callers with an account. */
  get size(): number {
    return this.#usages.size;
  }

  /**
   * Counts one request where it is allowed; one that is refused costs nothing.
   * @param key of the caller, and of the route where limits are a route's: never empty
   */
  take(key: string, limits: Limits): LimitVerdict {
    const { requestsPerSecond, requestsPerDay } = limits;
    if (requestsPerSecond === undefined && requestsPerDay === undefined) return free;
    const now = this.#clock.monotonic();
    const usage = this.#usageOf(key, now);
    const left = requestsPerDay === undefined ? Infinity : requestsPerDay - usage.today;
    if (left < 1) return this.#refused('quota', usage, limits, now, this.#days.resetMs(now));
    if (requestsPerSecond !== undefined) {
      const each = 1_000 / requestsPerSecond;
      const wholeAt = Math.max(usage.wholeAt, now) + each;
      const early = wholeAt - now - burstOf(limits) * each;
      // A thousandth of a request is what adding up fractions may be wrong by.
      if (early > each / 1_000) return this.#refused('rate', usage, limits, now, early);
      usage.wholeAt = wholeAt;
    }
    // Not counted for who has no quota: such an account would have to be kept all day.
    if (requestsPerDay !== undefined) usage.today += 1;
    this.changed = true;
    if (this.#telling) {
      usage.untold += 1;
      if (usage.untold === 1) this.#untold.push(usage);
    }
    return this.#verdict(usage, limits, now);
  }

  /** Takes back one request that was allowed and comes to nothing by another limit. In the same turn. */
  giveBack(key: string, { requestsPerSecond, requestsPerDay }: Limits): void {
    const usage = this.#usages.get(key) ?? this.#usages.get(everybodyElse);
    if (usage === undefined || (requestsPerSecond === undefined && requestsPerDay === undefined)) return;
    if (requestsPerSecond !== undefined) usage.wholeAt -= 1_000 / requestsPerSecond;
    if (requestsPerDay !== undefined) usage.today -= 1;
    if (this.#telling) usage.untold -= 1;
  }

  /** Counts one connection where it is allowed. @returns gives it back, once */
  connect(key: string, { connections = Infinity }: Limits): (() => void) | undefined {
    const usage = this.#usageOf(key, this.#clock.monotonic());
    if (usage.connections >= connections) return undefined;
    usage.connections += 1;
    let held = true;
    return () => {
      if (held) usage.connections -= 1;
      held = false;
    };
  }

  /** What was used since the last call, for those who count for the same callers; the first call begins it. */
  tell(): readonly ToldUsage[] {
    this.#telling = true;
    const told = this.#untold.flatMap((usage) => {
      const { key, untold: requests } = usage;
      usage.untold = 0;
      return requests > 0 ? [{ key, requests }] : [];
    });
    this.#untold = [];
    return told;
  }

  /** Counts what others have let through; never refused, as it has happened. */
  hear(used: readonly ToldUsage[], limitsOf: (key: string) => Limits | undefined): void {
    const now = this.#clock.monotonic();
    for (const { key, requests } of used) {
      const limits = limitsOf(key);
      if (limits === undefined || !(requests > 0)) continue;
      const usage = this.#usageOf(key, now);
      if (limits.requestsPerDay !== undefined) usage.today += requests;
      this.changed = true;
      if (limits.requestsPerSecond !== undefined)
        usage.wholeAt = Math.max(usage.wholeAt, now) + (requests * 1_000) / limits.requestsPerSecond;
    }
  }

  /** What must outlive the process: callers whose day has begun or whose burst is not whole. Ahead of time in milliseconds. */
  *kept(): Generator<{ readonly key: string; readonly today: number; readonly wholeInMs: number }> {
    for (const [key, usage] of this.#usages) {
      const now = this.#clock.monotonic();
      const today = usage.day === this.#days.at(now) ? usage.today : 0;
      const wholeInMs = Math.max(0, usage.wholeAt - now);
      if (today > 0 || wholeInMs > 0) yield { key, today, wholeInMs };
    }
  }

  restore({
    key,
    today,
    wholeInMs,
  }: {
    readonly key: string;
    readonly today: number;
    readonly wholeInMs: number;
  }): void {
    const now = this.#clock.monotonic();
    const usage = this.#usageOf(key, now);
    usage.today += today;
    usage.wholeAt = Math.max(usage.wholeAt, now + wholeInMs);
  }

  #usageOf(key: string, now: number): Usage {
    const day = this.#days.at(now);
    const usage = this.#usages.get(key) ?? this.#open(key, now, day);
    if (usage.day !== day) {
      usage.day = day;
      usage.today = 0;
    }
    return usage;
  }

  #open(key: string, now: number, day: number): Usage {
    this.#forget(now, day);
    const name = this.#usages.size < this.#mostCallers ? key : everybodyElse;
    const shared = this.#usages.get(name);
    if (shared !== undefined) return shared;
    const usage: Usage = { key: name, wholeAt: 0, today: 0, day, connections: 0, untold: 0 };
    this.#usages.set(name, usage);
    return usage;
  }

  /** Some of those whose account says no more than a new one would. */
  #forget(now: number, day: number): void {
    for (let count = 0; count < lookedAt; count += 1) {
      this.#hand ??= this.#usages.entries();
      const { value, done } = this.#hand.next();
      if (done === true) {
        this.#hand = undefined;
        return;
      }
      const [key, usage] = value;
      const counts = usage.day === day && usage.today > 0;
      if (!counts && usage.wholeAt <= now && usage.connections === 0 && usage.untold === 0) this.#usages.delete(key);
    }
  }

  #verdict(usage: Usage, { requestsPerSecond, requestsPerDay, burst }: Limits, now: number): LimitVerdict {
    const limited = requestsPerSecond !== undefined;
    const ahead = Math.max(0, usage.wholeAt - now);
    return {
      allowed: true,
      burstLeft: limited
        ? Math.max(0, Math.floor(burstOf({ requestsPerSecond, burst }) - (ahead * requestsPerSecond) / 1_000 + 0.001))
        : undefined,
      burstResetMs: limited ? ahead : 0,
      dayLeft: requestsPerDay === undefined ? undefined : Math.max(0, requestsPerDay - usage.today),
      dayResetMs: requestsPerDay === undefined ? 0 : this.#days.resetMs(now),
      retryAfterMs: 0,
    };
  }

  #refused(by: 'rate' | 'quota', usage: Usage, limits: Limits, now: number, retryAfterMs: number): LimitVerdict {
    return { ...this.#verdict(usage, limits, now), allowed: false, by, retryAfterMs };
  }
}
