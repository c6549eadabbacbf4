/**
 * The first octets of a connection, read before OpenSSL has them and then given to it: what they are, only they tell. That costs a tenth of a handshake,
 * so it is not done where the last handshake of the same address came about. Whoever says nothing, or too slowly, is ended here.
 */
import type { Socket } from 'node:net';
import type { Server } from 'node:tls';
import type { Clock, Timer } from '../../../ground/clock/index.ts';
import { mostLookedAt, notLookedAt, whatCame, type WhatCame } from '../refusals/what-came.ts';

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
  /** Neither is kept beyond the handshake. */
  readonly timer: Timer;
  readonly onClose: () => void;
  readonly address: string | undefined;
  /** `undefined` where they were not looked at. */
  octets: Uint8Array | undefined;
}

/** Addresses whose last handshake came about; of more, the oldest is forgotten. Own choice: about 100 bytes each. */
const mostProven = 10_000;

const nothing = new Uint8Array();

export class Openings {
  readonly #options: OpeningsOptions;
  readonly #begin: (socket: Socket) => void;
  readonly #open = new WeakMap<Socket, Opening>();
  readonly #proven = new Set<string>();

  /** @throws TypeError where Node is not built as this room knows it */
  constructor(server: Server, options: OpeningsOptions) {
    this.#options = options;
    this.#begin = takeHandshakes(server);
  }

  /** For every new connection. */
  await(socket: Socket): void {
    if (socket.destroyed) return;
    const { clock, timeoutMs, onLate } = this.#options;
    const timer = clock.after(timeoutMs, () => onLate(socket), { unref: true });
    const onClose = (): void => timer.cancel();
    socket.once('close', onClose);
    const address = socket.remoteAddress;
    const opening: Opening = { timer, onClose, address, octets: undefined };
    this.#open.set(socket, opening);
    if (address !== undefined && this.#proven.has(address)) this.#begin(socket);
    else this.#look(socket, opening);
  }

  /** The handshake begins with the first octets. */
  #look(socket: Socket, opening: Opening): void {
    opening.octets = new Uint8Array();
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
      if (this.failed(socket) !== undefined) this.#options.onEnded(socket);
    };
    const forget = (): void => {
      socket.off('readable', onReadable).off('end', onEnd).off('error', onEnd);
    };
    socket.on('readable', onReadable).on('end', onEnd).on('error', onEnd);
  }

  /** Its handshake came about: the client proved to hold the key of a certificate under one of the anchors. */
  succeeded(socket: Socket): void {
    const address = this.#over(socket)?.address;
    if (address === undefined || this.#proven.has(address)) return;
    const oldest = this.#proven.size >= mostProven ? this.#proven.values().next().value : undefined;
    if (oldest !== undefined) this.#proven.delete(oldest);
    this.#proven.add(address);
  }

  /** It failed. What came first; `undefined` where that was asked before. The next of its address is looked at. */
  failed(socket: Socket): WhatCame | undefined {
    const opening = this.#over(socket);
    if (opening === undefined) return undefined;
    if (opening.address !== undefined) this.#proven.delete(opening.address);
    return opening.octets === undefined && socket.bytesRead > 0 ? notLookedAt : whatCame(opening.octets ?? nothing);
  }

  #over(socket: Socket): Opening | undefined {
    const opening = this.#open.get(socket);
    if (opening === undefined) return undefined;
    this.#open.delete(socket);
    opening.timer.cancel();
    socket.off('close', opening.onClose);
    return opening;
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
