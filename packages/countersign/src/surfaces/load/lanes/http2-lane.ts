/** Requests over HTTP/2 on a connection that is kept, one at a time: framed here, since node:http2 would cost more than the servers do. */
import type { Socket } from 'node:net';
import type { Dial } from '../dial.ts';
import { LoadFailure } from '../failure-code.ts';
import type { LoadTarget } from '../load-plan.ts';
import { authorityOf, bodyOf } from './http1-request.ts';
import { requestFields, statusOf } from './http2-fields.ts';
import { type Frame, frame, frameFlags, FrameReader, frameTypes, mostFrameBytes, uint32 } from './http2-frames.ts';
import type { Lane } from './lane.ts';

export interface Http2Request {
  readonly path: string;
  readonly bodyBytes: number;
}

const settings = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;

/** RFC 9113, 6.9.1 and 6.9.2: the largest window, and the one that each connection and stream begins with. */
const largestWindow = 2 ** 31 - 1;
const firstWindow = 65_535;

/** No table, so that an answer's status can be read without the answers before; no push; no window that an answer could fill. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
  frame(
    frameTypes.settings,
    0,
    0,
    Buffer.concat([
      setting(settings.headerTableSize, 0),
      setting(settings.enablePush, 0),
      setting(settings.initialWindowSize, largestWindow),
    ]),
  ),
  frame(frameTypes.windowUpdate, 0, 0, uint32(largestWindow - firstWindow)),
]);

function setting(name: number, value: number): Buffer {
  return Buffer.concat([Buffer.of(0, name), uint32(value)]);
}

interface Waiting {
  readonly stream: number;
  status: number;
  bytes: number;
  readonly resolve: (bytes: number) => void;
  readonly reject: (error: Error) => void;
}

export class Http2Lane implements Lane {
  readonly #dial: Dial;
  readonly #fields: Buffer;
  readonly #body: Buffer;
  #socket: Socket | undefined;
  #ready = false;
  #frames = new FrameReader();
  #stream = 1;
  #waiting: Waiting | undefined;
  /** What of the body is sent, and what the server's windows still allow, of the connection and of a new stream. */
  #sent = 0;
  #connectionWindow = firstWindow;
  #newStreamWindow = firstWindow;
  #streamWindow = firstWindow;
  /** Received since the connection's window was last filled up. */
  #received = 0;

  constructor(dial: Dial, target: LoadTarget, { path, bodyBytes }: Http2Request) {
    this.#dial = dial;
    this.#fields = requestFields({ secure: target.tls !== 'none', authority: authorityOf(target), path, bodyBytes });
    this.#body = bodyOf(bodyBytes);
  }

  async open(): Promise<void> {
    const { socket, open } = this.#dial('h2');
    this.#socket = socket;
    this.#ready = false;
    await open;
    this.#ready = true;
    this.#frames = new FrameReader();
    [this.#stream, this.#received] = [1, 0];
    [this.#connectionWindow, this.#newStreamWindow] = [firstWindow, firstWindow];
    socket.on('data', (bytes: Buffer) => this.#read(socket, bytes));
    socket.on('error', (error) => this.#lost(socket, error));
    socket.on('close', () => this.#lost(socket, new LoadFailure('CLOSED')));
    socket.write(preface);
  }

  async operate(): Promise<number> {
    if (!this.#ready || this.#stream > largestWindow - 2) await this.open();
    return new Promise((resolve, reject) => {
      const stream = this.#stream;
      this.#stream += 2;
      this.#waiting = { stream, status: 0, bytes: 0, resolve, reject };
      [this.#sent, this.#streamWindow] = [0, this.#newStreamWindow];
      const last = this.#body.length === 0 ? frameFlags.endStream : 0;
      this.#socket?.write(frame(frameTypes.headers, frameFlags.endHeaders | last, stream, this.#fields));
      this.#sendBody();
    });
  }

  abort(error: Error): void {
    this.#socket?.destroy(error);
  }

  /** As much as the windows allow (RFC 9113, 6.9); goes on when they are opened again. */
  #sendBody(): void {
    const { stream } = this.#waiting ?? {};
    while (stream !== undefined && this.#sent < this.#body.length) {
      const room = Math.min(this.#connectionWindow, this.#streamWindow, mostFrameBytes);
      if (room <= 0) return;
      const part = this.#body.subarray(this.#sent, this.#sent + room);
      this.#sent += part.length;
      this.#connectionWindow -= part.length;
      this.#streamWindow -= part.length;
      const flags = this.#sent === this.#body.length ? frameFlags.endStream : 0;
      this.#socket?.write(frame(frameTypes.data, flags, stream, part));
    }
  }

  #read(socket: Socket, bytes: Buffer): void {
    try {
      this.#frames.read(bytes, (one) => this.#take(socket, one));
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new LoadFailure('NO-HTTP'));
    }
  }

  #take(socket: Socket, one: Frame): void {
    const { type, flags, payload } = one;
    if (type === frameTypes.headers || type === frameTypes.data || type === frameTypes.resetStream)
      this.#takeAnswer(socket, one);
    else if (type === frameTypes.settings && (flags & frameFlags.ack) === 0) this.#takeSettings(socket, payload);
    else if (type === frameTypes.ping && (flags & frameFlags.ack) === 0)
      socket.write(frame(frameTypes.ping, frameFlags.ack, 0, payload));
    else if (type === frameTypes.windowUpdate) this.#takeWindow(one);
    else if (type === frameTypes.goAway) this.#takeGoAway(socket, payload);
  }

  #takeAnswer(socket: Socket, { type, flags, stream, payload, length }: Frame): void {
    if (type === frameTypes.data) this.#refill(socket, length);
    const waiting = this.#waiting;
    if (waiting?.stream !== stream) return;
    if (type === frameTypes.resetStream) {
      this.#waiting = undefined;
      waiting.reject(new LoadFailure(`RST_STREAM ${payload.readUInt32BE(0)}`));
      return;
    }
    if (type === frameTypes.data) waiting.bytes += payload.length;
    // 1xx are followed by the answer itself, and that by trailers.
    else if (waiting.status < 200) waiting.status = statusOf(payload);
    if ((flags & frameFlags.endStream) === 0) return;
    this.#waiting = undefined;
    if (waiting.status >= 200 && waiting.status < 400) waiting.resolve(waiting.bytes);
    else waiting.reject(new LoadFailure(`HTTP ${waiting.status}`));
  }

  #refill(socket: Socket, length: number): void {
    this.#received += length;
    if (this.#received < largestWindow / 2) return;
    socket.write(frame(frameTypes.windowUpdate, 0, 0, uint32(this.#received)));
    this.#received = 0;
  }

  #takeSettings(socket: Socket, payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== settings.initialWindowSize) continue;
      const value = payload.readUInt32BE(at + 2);
      // It holds for open streams too (RFC 9113, 6.9.2).
      this.#streamWindow += value - this.#newStreamWindow;
      this.#newStreamWindow = value;
    }
    socket.write(frame(frameTypes.settings, frameFlags.ack, 0, new Uint8Array()));
    this.#sendBody();
  }

  #takeWindow({ stream, payload }: Frame): void {
    const more = payload.readUInt32BE(0) & largestWindow;
    if (stream === 0) this.#connectionWindow += more;
    else if (stream === this.#waiting?.stream) this.#streamWindow += more;
    this.#sendBody();
  }

  /** What is under way may still be answered (RFC 9113, 6.8); the next goes over a new connection. */
  #takeGoAway(socket: Socket, payload: Buffer): void {
    this.#ready = false;
    const last = payload.readUInt32BE(0) & largestWindow;
    if (this.#waiting === undefined) socket.destroy();
    else if (this.#waiting.stream > last) socket.destroy(new LoadFailure('GOAWAY'));
  }

  #lost(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    this.#ready = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}
