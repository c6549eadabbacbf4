/** The load itself: hands operations to free connections at the plan's pace, and keeps account. */
import type { Timer } from '../../ground/clock/index.ts';
import { failureCode, LoadFailure } from './failure-code.ts';
import type { Lane } from './lanes/lane.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { HowToLoad, LoadPlan } from './load-plan.ts';
import type { LoadReport } from './load-report.ts';
import { type Pace, paceOf } from './pace.ts';

/** Milliseconds. Own choice, and that of most clients. */
const defaultTimeoutMs = 10_000;

/** A connection that failed waits so long, so that a server which is gone is not hammered. */
const restMs = 10;

const progressMs = 1000;

/** Timers are late by a millisecond or two; what is nearer is waited for by turning the event loop. */
const timerMs = 2;

interface Place {
  readonly lane: Lane;
  /** When its operation began, on the monotonic clock; `undefined` while it has none. */
  begun: number | undefined;
}

export class LoadRun {
  /** Resolves when the last operation is over. */
  readonly finished: Promise<void>;
  readonly #how: HowToLoad;
  readonly #start: number;
  readonly #pace: Pace;
  readonly #places: readonly Place[];
  readonly #timeoutMs: number;
  readonly #idle: Place[];
  readonly #latencies = new LatencyHistogram();
  readonly #failures = new Map<string, number>();
  readonly #finish: () => void;
  #failed = 0;
  #bytes = 0;
  #last: number;
  #told = 0;
  #toldAt: number;
  #waking = false;
  #over = false;
  #tick: Timer | undefined;

  constructor(lanes: readonly Lane[], plan: LoadPlan, how: HowToLoad) {
    this.#how = how;
    this.#start = how.clock.monotonic();
    this.#last = this.#start;
    this.#toldAt = this.#start;
    this.#timeoutMs = plan.timeoutMs ?? defaultTimeoutMs;
    this.#pace = paceOf(plan, this.#start, this.#timeoutMs);
    this.#places = lanes.map((lane) => ({ lane, begun: undefined }));
    this.#idle = [...this.#places].reverse();
    let finish = (): void => undefined;
    this.finished = new Promise((resolve) => (finish = resolve));
    this.#finish = finish;
    this.#armTick();
    this.#feed();
  }

  result(): Omit<LoadReport, 'cpuUsPerOperation' | 'generatorBusy'> {
    const elapsedMs = this.#last - this.#start;
    const { count: operations, maxMs } = this.#latencies;
    const at = (quantile: number): number => this.#latencies.quantile(quantile);
    return {
      operations,
      failed: this.#failed,
      failures: Object.fromEntries(this.#failures),
      elapsedMs,
      perSecond: elapsedMs === 0 ? 0 : (operations * 1000) / elapsedMs,
      latencyMs: { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: maxMs },
      distribution: this.#latencies.octaves(),
      bytes: this.#bytes,
    };
  }

  #feed(): void {
    while (!this.#over) {
      const now = this.#how.clock.monotonic();
      const due = this.#how.signal?.aborted === true ? undefined : this.#pace.next(now);
      if (due === undefined) {
        this.#endWhenAllRest();
        return;
      }
      const place = this.#idle.at(-1);
      // Every connection is busy: the one that ends first goes on, and its operation's latency counts from when it was due.
      if (place === undefined) return;
      if (due > now) {
        this.#wakeAt(due, now);
        return;
      }
      this.#idle.pop();
      this.#pace.take();
      this.#begin(place, due, now);
    }
  }

  #wakeAt(due: number, now: number): void {
    if (this.#waking) return;
    this.#waking = true;
    const wake = (): void => {
      this.#waking = false;
      this.#feed();
    };
    if (due - now > timerMs) this.#how.clock.after(due - now - timerMs, wake);
    else setImmediate(wake);
  }

  #begin(place: Place, due: number, now: number): void {
    place.begun = now;
    place.lane.operate().then(
      (bytes) => {
        this.#bytes += bytes;
        this.#last = this.#how.clock.monotonic();
        this.#latencies.record(this.#last - due);
        this.#free(place);
      },
      (error: unknown) => {
        this.#fail(error);
        this.#how.clock.after(restMs, () => this.#free(place));
      },
    );
  }

  #free(place: Place): void {
    place.begun = undefined;
    this.#idle.push(place);
    this.#feed();
  }

  #fail(error: unknown): void {
    this.#last = this.#how.clock.monotonic();
    this.#count(failureCode(error), 1);
    this.#how.onFailure?.(error);
  }

  #count(code: string, times: number): void {
    this.#failed += times;
    this.#failures.set(code, (this.#failures.get(code) ?? 0) + times);
  }

  #endWhenAllRest(): void {
    if (this.#over || this.#idle.length < this.#places.length) return;
    this.#over = true;
    this.#tick?.cancel();
    const missed = this.#how.signal?.aborted === true ? 0 : this.#pace.missed();
    if (missed > 0) this.#count('NEVER-BEGUN', missed);
    this.#finish();
  }

  #armTick(): void {
    this.#tick = this.#how.clock.after(progressMs / 4, () => {
      this.#cutOff();
      this.#tellProgress();
      if (this.#over) return;
      this.#armTick();
      this.#feed();
    });
  }

  #cutOff(): void {
    const before = this.#how.clock.monotonic() - this.#timeoutMs;
    for (const { lane, begun } of this.#places)
      if (begun !== undefined && begun < before) lane.abort(new LoadFailure('TIMEOUT'));
  }

  #tellProgress(): void {
    const now = this.#how.clock.monotonic();
    if (now - this.#toldAt < progressMs) return;
    const operations = this.#latencies.count;
    const perSecond = ((operations - this.#told) * 1000) / (now - this.#toldAt);
    this.#told = operations;
    this.#toldAt = now;
    this.#how.onProgress?.({ elapsedMs: now - this.#start, operations, failed: this.#failed, perSecond });
  }
}
