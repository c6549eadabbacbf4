/** Connections whose peers take next to nothing of what waits for them: what they hold in memory is let go. One timer looks at all of a server's. */
import type { Socket } from 'node:net';
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { outgoingOf } from './outgoing.ts';
import type { PeerOutcome } from './request-peers.ts';

export interface SlowReaderLimits {
  /** A peer takes at least so many bytes, while more wait for it. 0: it may take as long as it likes. */
  readonly leastBytes: number;
  /** In each such time, milliseconds. */
  readonly everyMs: number;
}

/**
 * Our own choice. Linux takes bytes for a buffer that was full only when a third of it is free again, 1.4 MB of its 4 MB at a time: in a minute alone a
 * peer of 20 KB/s would seem to have taken nothing. Five minutes is also what a whole request may take.
 */
const defaultSlowReaders: SlowReaderLimits = { leastBytes: 16 * 1024, everyMs: 300_000 };

/** How often a connection is looked at within that time. */
const looks = 4;

/** @throws TypeError for limits that are none */
export function slowReadersOf(options: { readonly slowReaders?: SlowReaderLimits }): SlowReaderLimits {
  const { slowReaders = defaultSlowReaders } = options;
  const { leastBytes, everyMs } = slowReaders;
  if (!(leastBytes >= 0 && everyMs > 0)) throw new TypeError('slowReaders takes bytes, and milliseconds beyond 0');
  return slowReaders;
}

export function slowReader(
  what: 'the connection' | 'a stream of HTTP/2',
  outcome: PeerOutcome | undefined,
  { leastBytes, everyMs }: SlowReaderLimits,
): Refusal {
  const peer = outcome !== undefined && 'peer' in outcome ? outcome.peer.name : 'without a certificate';
  return new Refusal('CS-TLS-019', { peer, what, leastBytes, everyMs });
}

/** Since when something waited each time that it was looked at, and what had been taken then. */
interface Waiting {
  readonly sinceMs: number;
  readonly taken: number;
}

export interface SlowReadersOptions {
  readonly clock: Clock;
  readonly limits: SlowReaderLimits;
  readonly onSlow: (socket: Socket) => void;
}

export class SlowReaders {
  readonly #sockets: ReadonlySet<Socket>;
  readonly #options: SlowReadersOptions;
  /** Those alone for whom something waits: an idle connection costs a look. */
  readonly #waiting = new Map<Socket, Waiting>();
  #armed = false;

  /** @param sockets of TCP, all that are open */
  constructor(sockets: ReadonlySet<Socket>, options: SlowReadersOptions) {
    this.#sockets = sockets;
    this.#options = options;
  }

  /** For when there is a new one among them. */
  watch(): void {
    const { clock, limits } = this.#options;
    if (this.#armed || this.#sockets.size === 0 || limits.leastBytes === 0) return;
    this.#armed = true;
    const onTimer = (): void => {
      this.#armed = false;
      this.#lookAtAll();
      this.watch();
    };
    clock.after(limits.everyMs / looks, onTimer, { unref: true });
  }

  #lookAtAll(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const socket of this.#waiting.keys()) if (!this.#sockets.has(socket)) this.#waiting.delete(socket);
    for (const socket of this.#sockets) this.#look(socket, nowMs);
  }

  #look(socket: Socket, nowMs: number): void {
    const { limits, onSlow } = this.#options;
    const outgoing = outgoingOf(socket);
    if (outgoing === undefined || outgoing.waiting === 0) {
      this.#waiting.delete(socket);
      return;
    }
    const { taken } = outgoing;
    const before = this.#waiting.get(socket);
    if (before !== undefined && nowMs - before.sinceMs < limits.everyMs) return;
    this.#waiting.set(socket, { sinceMs: nowMs, taken });
    if (before !== undefined && taken - before.taken < limits.leastBytes) onSlow(socket);
  }
}
