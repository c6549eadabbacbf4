/**
 * Sessions of HTTP/2 with many requests at once: what is beyond a share of them begins a few in each turn, so that nobody else waits for it, and what was
 * reset meanwhile (CVE-2023-44487) never begins: to end a connection to a program costs more than a reset costs the caller.
 */
import type { Http2Session } from 'node:http2';

/** Of one session. */
export interface StreamShare {
  open: number;
  /** No stream of it is served any more. */
  flooded: boolean;
}

interface Waiting {
  readonly isGone: () => boolean;
  readonly begin: () => void;
}

/** Open requests of a session that begin as they come; own choice: more than a busy caller's program has, and together some milliseconds of work. */
const mostAtOnce = 16;

/** Some 2 ms of work; own choice. */
const mostInATurn = 8;

/**
 * Twice as many as may be open at a time. One that is reset counts until its turn is over: Node looks at how many were reset after all that came at once,
 * which costs some 0.1 s each time.
 */
export const mostOfSession = 500;

export class PacedStreams {
  readonly #shares = new WeakMap<object, StreamShare>();
  #waiting: Waiting[] = [];
  #next = 0;

  /** Counts one more; `open` is to go down by one when that is over. */
  shareOf(session: Http2Session): StreamShare {
    const known = this.#shares.get(session);
    if (known !== undefined) {
      known.open += 1;
      return known;
    }
    const share = { open: 1, flooded: false };
    this.#shares.set(session, share);
    return share;
  }

  /** Once, when it turns out. */
  floods(share: StreamShare): boolean {
    if (share.flooded || share.open <= mostOfSession) return false;
    share.flooded = true;
    return true;
  }

  isOver({ open }: StreamShare): boolean {
    return open > mostAtOnce;
  }

  /** In a later turn, unless it is gone by then. */
  later(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length === 1) setImmediate(() => this.#turn());
  }

  #turn(): void {
    for (let begun = 0; begun < mostInATurn && this.#next < this.#waiting.length; this.#next += 1) {
      const one = this.#waiting[this.#next];
      if (one === undefined || one.isGone()) continue;
      begun += 1;
      one.begin();
    }
    if (this.#next < this.#waiting.length) {
      setImmediate(() => this.#turn());
      return;
    }
    this.#waiting = [];
    this.#next = 0;
  }
}
