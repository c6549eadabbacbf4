/** A new connection for each operation: the whole handshake, where wanted one answered request, and the close. */
import type { Socket } from 'node:net';
import type { Dial } from '../dial.ts';
import { LoadFailure } from '../failure-code.ts';
import { Http1Response } from './http1-response.ts';
import type { Lane } from './lane.ts';

export class HandshakeLane implements Lane {
  readonly #dial: Dial;
  readonly #request: Buffer | undefined;
  #socket: Socket | undefined;

  /** @param request to be answered before the close; absent: none is made */
  constructor(dial: Dial, request: Buffer | undefined) {
    this.#dial = dial;
    this.#request = request;
  }

  async open(): Promise<void> {
    // Each operation opens its own.
  }

  async operate(): Promise<number> {
    const { socket, open } = this.#dial(this.#request === undefined ? undefined : 'http/1.1');
    this.#socket = socket;
    await open;
    return this.#request === undefined ? leave(socket) : ask(socket, this.#request);
  }

  abort(error: Error): void {
    this.#socket?.destroy(error);
  }
}

/** Half-closes and waits for the other half, so that the server has read the whole handshake: an alert that it sends is seen. */
function leave(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('close', () => resolve(0));
    socket.resume();
    socket.end();
  });
}

function ask(socket: Socket, request: Buffer): Promise<number> {
  const response = new Http1Response();
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (bytes: Buffer) => {
      try {
        response.read(bytes);
        if (response.done) socket.end();
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new LoadFailure('NO-HTTP'));
      }
    });
    socket.once('close', () => {
      response.end();
      if (!response.done) reject(new LoadFailure('CLOSED'));
      else if (response.status < 400) resolve(response.bodyBytes);
      else reject(new LoadFailure(`HTTP ${response.status}`));
    });
    socket.write(request);
  });
}
