/** What ends with the token that let it in, WebSockets and answers of routes that ask for it: one timer for all, since one for each request costs more than its decision. */
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { type Member, Roster } from '../../upstream/index.ts';

/** Timers stand still while a machine sleeps, and the clock may be set: it is looked at again by then. Own choice, as for certificates that expire. */
const longestWaitMs = 30_000;

export class TokenEnds {
  readonly #clock: Clock;
  readonly #all = new Roster<Ending>();
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many are not over. */
  get size(): number {
    return this.#all.size;
  }

  /** @param endsAt milliseconds since 1970 @param end called once then, unless it is cancelled */
  at(endsAt: number, end: (refusal: Refusal) => void): Timer {
    const ending = new Ending(endsAt, end, this.#all);
    this.#all.add(ending);
    if (endsAt < this.#armedFor) this.#arm(endsAt);
    return ending;
  }

  #arm(moment: number): void {
    this.#timer?.cancel();
    this.#armedFor = moment;
    const waitMs = Math.min(longestWaitMs, Math.max(0, moment - this.#clock.now()));
    this.#timer = this.#clock.after(waitMs, () => this.#look(), { unref: true });
  }

  /** The one that it was armed for may be over by itself. */
  #look(): void {
    const now = this.#clock.now();
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    const over: Ending[] = [];
    for (const ending of this.#all.all())
      if (ending.endsAt <= now) over.push(ending);
      else if (ending.endsAt < next) next = ending.endsAt;
    if (next < Number.POSITIVE_INFINITY) this.#arm(next);
    for (const ending of over) ending.over(now);
  }
}

class Ending implements Member, Timer {
  readonly endsAt: number;
  place = -1;
  readonly #end: (refusal: Refusal) => void;
  readonly #all: Roster<Ending>;

  constructor(endsAt: number, end: (refusal: Refusal) => void, all: Roster<Ending>) {
    this.endsAt = endsAt;
    this.#end = end;
    this.#all = all;
  }

  cancel(): void {
    this.#all.remove(this);
  }

  /** Nothing, where another that was over has ended it. */
  over(at: number): void {
    if (this.place < 0) return;
    this.#all.remove(this);
    this.#end(new Refusal('CS-BEARER-011', { expiredAt: this.endsAt, at }));
  }
}
