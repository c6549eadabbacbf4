/** Requests over HTTP/1.1 on a connection that is kept: written and read as octets, since a generator must cost less than a server. */
import type { Socket } from 'node:net';
import type { Dial } from '../dial.ts';
import { LoadFailure } from '../failure-code.ts';
import { Http1Response } from './http1-response.ts';
import type { Lane } from './lane.ts';

interface Waiting {
  readonly response: Http1Response;
  readonly resolve: (bytes: number) => void;
  readonly reject: (error: Error) => void;
}

export class Http1Lane implements Lane {
  readonly #dial: Dial;
  readonly #request: Buffer;
  #socket: Socket | undefined;
  #ready = false;
  #waiting: Waiting | undefined;

  constructor(dial: Dial, request: Buffer) {
    this.#dial = dial;
    this.#request = request;
  }

  async open(): Promise<void> {
    const { socket, open } = this.#dial('http/1.1');
    this.#socket = socket;
    this.#ready = false;
    await open;
    this.#ready = true;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', (error) => this.#lost(socket, error));
    socket.on('close', () => this.#lost(socket, new LoadFailure('CLOSED')));
  }

  async operate(): Promise<number> {
    if (!this.#ready || this.#socket === undefined) await this.open();
    return new Promise((resolve, reject) => {
      this.#waiting = { response: new Http1Response(), resolve, reject };
      this.#socket?.write(this.#request);
    });
  }

  abort(error: Error): void {
    this.#socket?.destroy(error);
  }

  #read(bytes: Buffer): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#drop();
      return;
    }
    try {
      waiting.response.read(bytes);
    } catch (error) {
      this.#socket?.destroy(error instanceof Error ? error : new LoadFailure('NO-HTTP'));
      return;
    }
    if (waiting.response.done) this.#answered(waiting);
  }

  #answered({ response, resolve, reject }: Waiting): void {
    this.#waiting = undefined;
    if (!response.keepsAlive) this.#drop();
    if (response.status < 400) resolve(response.bodyBytes);
    else reject(new LoadFailure(`HTTP ${response.status}`));
  }

  #lost(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    this.#ready = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) return;
    waiting.response.end();
    if (waiting.response.done && waiting.response.status < 400) waiting.resolve(waiting.response.bodyBytes);
    else waiting.reject(error);
  }

  #drop(): void {
    this.#ready = false;
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
