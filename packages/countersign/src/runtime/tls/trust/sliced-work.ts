/** Work on many things that must not hold up the process: a first slice at once, the others in between what else happens. */
import type { Clock } from '../../../ground/clock/index.ts';

/** Longest slice of what is urgent, in milliseconds. */
export const urgentSliceMs = 3;

/**
 * So many may be ended at the most in one turn of the event loop. What an end sets off (the callbacks of a socket's handle, its `close` events) comes after
 * the slice in the same turn and takes two to three times as long as the end itself: measured, 60 to 80 us for each connection.
 */
export const mostEnds = 32;

/**
 * Longest slice of what can wait, where nothing is urgent: as long may it hold up whoever is served in between, who waits some half a millisecond for an
 * answer when nothing is to be looked at. Own choice; two to four peers are looked at in it, or some dozens of their other connections.
 */
export const waitingSliceMs = 0.5;

/** So many are worked on at once even where the processor is somewhere else meanwhile: a few connections are closed when a change returns. */
export const fewest = 8;

/** What is urgent comes before what waits, and each in the order in which it came. */
export type Urgency = 'urgent' | 'waiting';

export interface Sliceable {
  /** For the queue alone. */
  queued: Urgency | undefined;
}

class Lane<T> {
  #items: T[] = [];
  #next = 0;
  added = 0;
  taken = 0;

  push(item: T): void {
    this.#items.push(item);
    this.added++;
  }

  take(): T | undefined {
    const item = this.#items[this.#next];
    if (item === undefined) return undefined;
    this.#next++;
    this.taken++;
    if (this.#next === this.#items.length) {
      this.#items = [];
      this.#next = 0;
    }
    return item;
  }
}

/** What was done: an end has consequences that no slice sees. */
export type Worked = 'ended' | 'seen';

interface Waiter {
  readonly urgent: number;
  readonly waiting: number;
  readonly resolve: () => void;
}

export class SlicedWork<T extends Sliceable> {
  readonly #clock: Clock;
  readonly #work: (item: T) => Worked;
  readonly #urgent = new Lane<T>();
  readonly #waiting = new Lane<T>();
  #waiters: Waiter[] = [];
  #pending = 0;
  /** Since a slice last had a turn of the event loop for itself. */
  #ends = 0;
  #running = false;
  #scheduled = false;

  /** @param work must not throw */
  constructor(clock: Clock, work: (item: T) => Worked) {
    this.#clock = clock;
    this.#work = work;
  }

  /** How many things are still to be worked on. */
  get pending(): number {
    return this.#pending;
  }

  /** Only notes them: 10,000 take a fraction of a millisecond. One that is queued already keeps its place, or moves to the urgent ones. */
  add(items: readonly T[], urgency: Urgency): void {
    const lane = urgency === 'urgent' ? this.#urgent : this.#waiting;
    for (const item of items) {
      if (item.queued === 'urgent' || item.queued === urgency) continue;
      if (item.queued === undefined) this.#pending++;
      item.queued = urgency;
      lane.push(item);
    }
  }

  /** Works for one slice before it returns, unless others are under way already. @param since on the monotonic clock: what was done then counts as the slice's */
  begin(since: number = this.#clock.monotonic()): void {
    if (!this.#running && !this.#scheduled) this.#slice(fewest, since);
  }

  /** Resolves when everything that was added until now has been worked on. */
  settled(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiters.push({ urgent: this.#urgent.added, waiting: this.#waiting.added, resolve });
    });
  }

  #slice(atLeast: number, begun: number): void {
    this.#running = true;
    for (let worked = 1; this.#pending > 0; worked++) {
      const urgent = this.#nextOf(this.#urgent);
      const item = urgent ?? this.#nextOf(this.#waiting);
      if (item === undefined) break;
      if (this.#work(item) === 'ended' && ++this.#ends >= mostEnds) break;
      const mostMs = urgent === undefined ? waitingSliceMs : urgentSliceMs;
      if (worked >= atLeast && this.#clock.monotonic() - begun >= mostMs) break;
    }
    this.#running = false;
    if (this.#pending > 0 || this.#ends >= mostEnds) this.#schedule();
    this.#settle();
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#ends = 0;
      this.#slice(1, this.#clock.monotonic());
    });
  }

  #nextOf(lane: Lane<T>): T | undefined {
    for (let item = lane.take(); item !== undefined; item = lane.take()) {
      // Worked on when it was urgent.
      if (item.queued === undefined) continue;
      item.queued = undefined;
      this.#pending--;
      return item;
    }
    return undefined;
  }

  #settle(): void {
    if (this.#waiters.length === 0) return;
    const [urgent, waiting] = [this.#urgent.taken, this.#waiting.taken];
    const isDone = (waiter: Waiter): boolean =>
      this.#pending === 0 || (waiter.urgent <= urgent && waiter.waiting <= waiting);
    const done = this.#waiters.filter(isDone);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
    for (const { resolve } of done) resolve();
  }
}
