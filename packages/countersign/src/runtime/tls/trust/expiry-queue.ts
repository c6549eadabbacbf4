/** What falls due at moments of the wall clock, in buckets of a second under one timer: a timer for each of ten thousand connections is no small thing. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { waitMs } from './longest-wait.ts';

export interface Due {
  /** Milliseconds since 1970; infinite for never. It stays the same while it is in a queue. */
  readonly dueAt: number;
}

export class ExpiryQueue<D extends Due> {
  readonly #clock: Clock;
  readonly #onDue: (due: readonly D[]) => void;
  readonly #buckets = new Map<number, Set<D>>();
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  /** @param onDue gets whatever is due, each once; never before its moment, and late by no more than `longestWaitMs` after a sleep */
  constructor(clock: Clock, onDue: (due: readonly D[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  add(due: D): void {
    if (due.dueAt === Number.POSITIVE_INFINITY) return;
    const second = secondOf(due);
    const bucket = this.#buckets.get(second);
    if (bucket === undefined) this.#buckets.set(second, new Set([due]));
    else bucket.add(due);
    if (due.dueAt < this.#armedFor) this.#arm(due.dueAt);
  }

  remove(due: D): void {
    const second = secondOf(due);
    const bucket = this.#buckets.get(second);
    if (bucket?.delete(due) !== true || bucket.size > 0) return;
    this.#buckets.delete(second);
    // With others left the timer comes once in vain, and looks again.
    if (this.#buckets.size === 0) this.#disarm();
  }

  #arm(moment: number): void {
    this.#timer?.cancel();
    this.#armedFor = moment;
    this.#timer = this.#clock.after(waitMs(moment, this.#clock.now()), () => this.#onTimer(), { unref: true });
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #onTimer(): void {
    this.#disarm();
    const due = this.#take(this.#clock.now());
    const next = this.#earliest();
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
    if (due.length > 0) this.#onDue(due);
  }

  #take(now: number): readonly D[] {
    const taken: D[] = [];
    for (const [second, bucket] of this.#buckets) {
      if (second * 1000 > now) continue;
      for (const due of bucket) {
        if (due.dueAt > now) continue;
        taken.push(due);
        bucket.delete(due);
      }
      if (bucket.size === 0) this.#buckets.delete(second);
    }
    return taken;
  }

  #earliest(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const second of this.#buckets.keys()) if (second < first) first = second;
    let earliest = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#buckets.get(first) ?? []) if (dueAt < earliest) earliest = dueAt;
    return earliest;
  }
}

function secondOf({ dueAt }: Due): number {
  return Math.floor(dueAt / 1000);
}
