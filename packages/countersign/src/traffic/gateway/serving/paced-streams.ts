/**
 * Sessions of HTTP/2 with many requests at once: what is beyond a share of them begins a few in each turn, so that nobody else waits for it, and what was
 * reset meanwhile (CVE-2023-44487) never begins: to end a connection to a program costs more than a reset costs the caller.
 */
import type { Http2Session } from 'node:http2';

/** Of one session. */
export interface StreamShare {
  open: number;
  /** Since `turn` began. */
  came: number;
  turn: number;
}

interface Waiting {
  readonly isGone: () => boolean;
  readonly begin: () => void;
}

/** Requests of a session, open or come in one turn, that begin as they come; own choice: more than a busy caller's program has, and together some milliseconds of work. */
const mostAtOnce = 16;

/** Some 2 ms of work; own choice. */
const mostInATurn = 8;

export class PacedStreams {
  readonly #shares = new WeakMap<object, StreamShare>();
  #waiting: Waiting[] = [];
  #next = 0;
  #turn = 0;
  #counting = false;

  /** Counts one more; `open` is to go down by one when that is over. */
  shareOf(session: Http2Session): StreamShare {
    const known = this.#shares.get(session);
    if (known === undefined) {
      const share = { open: 1, came: 1, turn: this.#turn };
      this.#shares.set(session, share);
      return share;
    }
    known.open += 1;
    known.came = known.turn === this.#turn ? known.came + 1 : 1;
    known.turn = this.#turn;
    if (known.came === mostAtOnce) this.#countTurn();
    return known;
  }

  /** Of those that are reset as they come none is open by the next. */
  isOver({ open, came }: StreamShare): boolean {
    return open > mostAtOnce || came > mostAtOnce;
  }

  /** Only where many come: each costs a callback. Until then a turn is longer than Node's. */
  #countTurn(): void {
    if (this.#counting) return;
    this.#counting = true;
    setImmediate(() => {
      this.#counting = false;
      this.#turn += 1;
    });
  }

  /** In a later turn, unless it is gone by then. */
  later(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length === 1) setImmediate(() => this.#beginSome());
  }

  #beginSome(): void {
    for (let begun = 0; begun < mostInATurn && this.#next < this.#waiting.length; this.#next += 1) {
      const one = this.#waiting[this.#next];
      if (one === undefined || one.isGone()) continue;
      begun += 1;
      one.begin();
    }
    if (this.#next < this.#waiting.length) {
      setImmediate(() => this.#beginSome());
      return;
    }
    this.#waiting = [];
    this.#next = 0;
  }
}
