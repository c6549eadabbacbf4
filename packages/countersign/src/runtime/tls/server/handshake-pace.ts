/**
 * When handshakes begin, of which each keeps everybody else waiting for a millisecond: few in a turn of the event loop, so that what is asked on other
 * connections goes between, and of those who wait one of each network by turns.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';
import { networkOf } from './crowd.ts';

/** One more begins in the next turn for each so many that a turn took: where turns are long by others' requests, newcomers still get a share. Own choice. */
const forOneMoreMs = 4;

interface Waiting {
  readonly socket: Socket;
  readonly begin: () => void;
}

/** Of one server. How many may wait is bounded by its crowd. */
export class HandshakePace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By network; whose turn is next stands first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #turnBeganMs = 0;
  #left = 1;
  #armed = false;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Calls `begin` now or in a later turn, unless the socket is destroyed by then.
   * @param onLost it was reset while it waited
   */
  begin(socket: Socket, begin: () => void, onLost: () => void): void {
    if (this.#left > 0 && this.#waiting.size === 0) {
      this.#left -= 1;
      this.#arm();
      begin();
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

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#turnBeganMs = this.#clock.monotonic();
    setImmediate(() => this.#onTurn());
  }

  #onTurn(): void {
    this.#armed = false;
    this.#left = 1 + Math.floor((this.#clock.monotonic() - this.#turnBeganMs) / forOneMoreMs);
    // From here on, so that the handshakes that begin now count as part of the next.
    if (this.#waiting.size > 0) this.#arm();
    while (this.#left > 0) {
      const next = this.#next();
      if (next === undefined) return;
      if (next.socket.destroyed) continue;
      this.#left -= 1;
      next.begin();
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
