/**
 * When handshakes begin, of which each keeps everybody else waiting for a millisecond: few in a turn of the event loop, and few at a time, so that what is
 * asked on other connections goes between; of those who wait one of each network by turns.
 */
import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { networkOf } from './crowd.ts';

/** One more begins in the next turn for each so many that a turn took: where turns are long by others' requests, newcomers still get a share. Own choice. */
const forOneMoreMs = 4;

/** The last words of so many may come in one turn. Own choice: 5 ms of work. */
const mostAtATime = 4;

/** After it one does not count as under way any more: it waits for a client that is far away, or slow. Own choice: 400 of these begin in a second. */
const soonMs = 10;

class UnderWay {
  readonly sinceMs: number;
  isOver = false;

  constructor(sinceMs: number) {
    this.sinceMs = sinceMs;
  }
}

interface Waiting {
  readonly socket: Socket;
  readonly begin: () => void;
}

/** Of one server. How many may wait is bounded by its crowd. */
export class HandshakePace {
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  /** By network; whose turn is next stands first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #turnBeganMs = 0;
  #left = 1;
  #armed = false;
  /** The oldest first. */
  #underWay: UnderWay[] = [];
  readonly #of = new WeakMap<Socket, UnderWay>();
  #timer: Timer | undefined;

  constructor(clock: Pick<Clock, 'monotonic' | 'after'>) {
    this.#clock = clock;
  }

  /**
   * Calls `begin` now or in a later turn, unless the socket is destroyed by then.
   * @param onLost it was reset while it waited
   */
  begin(socket: Socket, begin: () => void, onLost: () => void): void {
    if (this.#left > 0 && this.#waiting.size === 0 && this.#hasRoom()) {
      this.#arm();
      this.#start(socket, begin);
      return;
    }
    // Without a listener it would end the process.
    socket.on('error', onLost);
    const network = networkOf(socket.remoteAddress);
    const same = this.#waiting.get(network) ?? [];
    this.#waiting.set(network, same);
    same.push({
      socket,
      begin: () => {
        socket.off('error', onLost);
        begin();
      },
    });
    this.#arm();
  }

  /** Its handshake is over, whatever came of it. */
  over(socket: Socket): void {
    const one = this.#of.get(socket);
    if (one === undefined) return;
    one.isOver = true;
    if (this.#waiting.size > 0) this.#arm();
  }

  #start(socket: Socket, begin: () => void): void {
    const one = new UnderWay(this.#clock.monotonic());
    this.#left -= 1;
    this.#underWay.push(one);
    this.#of.set(socket, one);
    begin();
  }

  #hasRoom(): boolean {
    const nowMs = this.#clock.monotonic();
    this.#underWay = this.#underWay.filter(({ isOver, sinceMs }) => !isOver && nowMs - sinceMs < soonMs);
    return this.#underWay.length < mostAtATime;
  }

  #lookLater(): void {
    this.#timer ??= this.#clock.after(soonMs, () => {
      this.#timer = undefined;
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#turnBeganMs = this.#clock.monotonic();
    setImmediate(() => this.#onTurn());
  }

  #onTurn(): void {
    this.#armed = false;
    this.#left = 1 + Math.floor((this.#clock.monotonic() - this.#turnBeganMs) / forOneMoreMs);
    while (this.#left > 0 && this.#waiting.size > 0) {
      if (!this.#hasRoom()) {
        this.#lookLater();
        return;
      }
      // Before it begins, so that what it takes counts as part of this turn.
      this.#arm();
      const next = this.#next();
      if (next !== undefined && !next.socket.destroyed) this.#start(next.socket, next.begin);
    }
  }

  #next(): Waiting | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [network, same] = first;
    const next = same.shift();
    this.#waiting.delete(network);
    if (same.length > 0) this.#waiting.set(network, same);
    return next;
  }
}
