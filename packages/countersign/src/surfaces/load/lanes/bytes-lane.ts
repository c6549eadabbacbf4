/** Octets on a connection that is kept: an operation is over when as many came back as were sent. */
import type { Socket } from 'node:net';
import type { Dial } from '../dial.ts';
import { LoadFailure } from '../failure-code.ts';
import { bodyOf } from './http1-request.ts';
import type { Lane } from './lane.ts';

export class BytesLane implements Lane {
  readonly #dial: Dial;
  readonly #chunk: Buffer;
  #socket: Socket | undefined;
  #ready = false;
  #left = 0;
  #waiting: PromiseWithResolvers<number> | undefined;

  constructor(dial: Dial, chunkBytes: number) {
    this.#dial = dial;
    this.#chunk = bodyOf(chunkBytes);
  }

  async open(): Promise<void> {
    const { socket, open } = this.#dial();
    this.#socket = socket;
    this.#ready = false;
    await open;
    this.#ready = true;
    socket.on('data', (bytes: Buffer) => this.#read(bytes.length));
    socket.on('error', (error) => this.#lost(socket, error));
    socket.on('close', () => this.#lost(socket, new LoadFailure('CLOSED')));
  }

  async operate(): Promise<number> {
    if (!this.#ready) await this.open();
    const waiting = Promise.withResolvers<number>();
    this.#waiting = waiting;
    this.#left = this.#chunk.length;
    this.#socket?.write(this.#chunk);
    return waiting.promise;
  }

  abort(error: Error): void {
    this.#socket?.destroy(error);
  }

  #read(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) this.#socket?.destroy(new LoadFailure('NO-ECHO'));
    if (this.#left !== 0) return;
    this.#waiting?.resolve(this.#chunk.length);
    this.#waiting = undefined;
  }

  #lost(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    this.#ready = false;
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
