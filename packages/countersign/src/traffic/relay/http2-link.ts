/** A connection to a program that speaks HTTP/2, shared by requests of many callers up to its bound. */
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../../ground/clock/index.ts';

export interface Http2LinkOptions {
  readonly place: string;
  readonly clock: Clock;
  readonly mostStreams: number;
  readonly keepMs: number;
  /** It takes no request any more. */
  readonly onGone: (link: Http2Link) => void;
}

/** What HTTP/2 begins with for a stream (RFC 9113, 6.9.2). */
const streamWindow = 65_535;

/** MiB of a session. Own choice: beside the windows there is room for headers. */
const mostMemory = 64;

export class Http2Link {
  readonly #options: Http2LinkOptions;
  #session: ClientHttp2Session | Promise<ClientHttp2Session>;
  #streams = 0;
  #retired = false;
  #idle: Timer | undefined;

  constructor(opened: Socket | Promise<Socket>, options: Http2LinkOptions) {
    this.#options = options;
    if (!(opened instanceof Promise)) {
      this.#session = this.#begin(opened);
      return;
    }
    const session = opened.then((socket) => {
      const begun = this.#begin(socket);
      this.#session = begun;
      return begun;
    });
    session.catch(() => this.#leave());
    this.#session = session;
  }

  get session(): ClientHttp2Session | Promise<ClientHttp2Session> {
    return this.#session;
  }

  /** The program may have said how many it takes (RFC 9113, 5.1.2); until it has, there is no such bound. */
  hasRoom(): boolean {
    const session = this.#session;
    const { mostStreams } = this.#options;
    if (this.#retired) return false;
    if (session instanceof Promise) return this.#streams < mostStreams;
    if (session.closed || session.destroyed) return false;
    return this.#streams < Math.min(mostStreams, session.remoteSettings.maxConcurrentStreams ?? mostStreams);
  }

  /** For one request more. @returns to be called when it is over; again it does nothing */
  take(): () => void {
    this.#streams += 1;
    this.#idle?.cancel();
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#streams -= 1;
      if (this.#streams === 0) this.#rest();
    };
  }

  retire(): void {
    this.#leave();
    if (this.#streams === 0) this.#close();
  }

  #rest(): void {
    const { clock, keepMs } = this.#options;
    if (this.#retired) this.#close();
    else
      this.#idle = clock.after(
        keepMs,
        () => {
          if (this.#streams === 0) this.retire();
        },
        { unref: true },
      );
  }

  #leave(): void {
    if (this.#retired) return;
    this.#retired = true;
    this.#idle?.cancel();
    this.#options.onGone(this);
  }

  #close(): void {
    const session = this.#session;
    if (session instanceof Promise)
      session.then(
        (open) => open.close(),
        () => undefined,
      );
    else session.close();
  }

  #begin(socket: Socket): ClientHttp2Session {
    const { place, mostStreams } = this.#options;
    const session = connect(`${socket instanceof TLSSocket ? 'https' : 'http'}://${place}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
      maxSessionMemory: mostMemory,
    });
    // Room for all streams at once: who reads slowly holds back his own, and nobody else's, who shares the connection with him.
    session.once('connect', () => session.setLocalWindowSize((mostStreams + 1) * streamWindow));
    // Its streams hear of it.
    session.on('error', () => undefined);
    session.once('close', () => this.#leave());
    session.once('goaway', () => this.#leave());
    return session;
  }
}
