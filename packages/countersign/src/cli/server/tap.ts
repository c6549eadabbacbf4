/** A connection that keeps what comes in, so that a handshake can be read message by message. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A handshake with a long chain has some tens of KiB; OpenSSL takes at most 100 KiB of certificates. */
const mostKept = 1024 * 1024;

export class Tap extends Duplex {
  readonly #socket: Socket;
  readonly #kept: Buffer[] = [];
  #octets = 0;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
    socket.on('data', (bytes) => {
      if (this.#octets < mostKept) this.#kept.push(bytes);
      this.#octets += bytes.length;
      if (!this.push(bytes)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  get received(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#kept));
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
