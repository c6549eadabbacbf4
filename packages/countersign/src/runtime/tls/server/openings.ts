/**
 * The first octets of each connection, read before OpenSSL has them and then given to it: what they are, only they tell. Costs nothing that could be
 * measured beside a handshake (0.7 ms). Whoever says nothing, or too slowly, is ended here.
 */
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { mostLookedAt, whatCame, type WhatCame } from '../refusals/what-came.ts';

export interface OpeningsOptions {
  readonly clock: Clock;
  /** From the TCP connection to the end of the handshake, milliseconds. */
  readonly timeoutMs: number;
  /** Its time is over. */
  readonly onLate: (socket: Socket) => void;
  /** It ended without a word. */
  readonly onEnded: (socket: Socket) => void;
}

interface Opening {
  readonly timer: Timer;
  octets: Uint8Array;
}

export class Openings {
  readonly #options: OpeningsOptions;
  readonly #begin: (socket: Socket) => void;
  readonly #open = new WeakMap<Socket, Opening>();

  /** @throws TypeError where Node is not built as this room knows it */
  constructor(server: Server, options: OpeningsOptions) {
    this.#options = options;
    this.#begin = takeHandshakes(server);
  }

  /** For every new connection. Its handshake begins with its first octets. */
  await(socket: Socket): void {
    if (socket.destroyed) return;
    const { clock, timeoutMs, onLate, onEnded } = this.#options;
    const timer = clock.after(timeoutMs, () => onLate(socket), { unref: true });
    const opening: Opening = { timer, octets: new Uint8Array() };
    this.#open.set(socket, opening);
    const onReadable = (): void => {
      const octets: unknown = socket.read();
      if (!(octets instanceof Uint8Array)) return;
      forget();
      opening.octets = octets.slice(0, mostLookedAt);
      socket.unshift(octets);
      this.#begin(socket);
    };
    // The end, and what the network says of it; without a listener an error would end the process.
    const onEnd = (): void => {
      forget();
      if (this.over(socket) !== undefined) onEnded(socket);
    };
    const forget = (): void => {
      socket.off('readable', onReadable).off('end', onEnd).off('error', onEnd);
    };
    socket.on('readable', onReadable).on('end', onEnd).on('error', onEnd);
    socket.once('close', () => timer.cancel());
  }

  /** Its handshake is over, well or badly. What came first; `undefined` where that was asked before. */
  over(socket: Socket): WhatCame | undefined {
    const opening = this.#open.get(socket);
    if (opening === undefined) return undefined;
    this.#open.delete(socket);
    opening.timer.cancel();
    return whatCame(opening.octets);
  }
}

/** The listener by which a server of Node begins handshakes, taken away from it; listeners of others stay where they are. */
function takeHandshakes(server: Server): (socket: Socket) => void {
  const listeners = server.listeners('connection').filter(({ name }) => name === 'tlsConnectionListener');
  const [listener] = listeners;
  if (listener === undefined || listeners.length !== 1)
    throw new TypeError('the server of Node is not built as this room knows it');
  server.off('connection', listener as (socket: Socket) => void);
  return (socket) => void Reflect.apply(listener, server, [socket]);
}
