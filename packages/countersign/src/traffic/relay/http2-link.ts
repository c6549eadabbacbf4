/**
 * A connection to a program that speaks HTTP/2, shared by requests of many callers up to its bound. Who reads slowly holds back his own stream alone: Node
 * gives the connection's window back as octets come, and a stream's as they are read.
 */
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock, Timer } from '../../ground/clock/index.ts';

export interface Http2LinkOptions {
  readonly place: string;
  readonly clock: Clock;
  /** Whether it may carry another request once it is open. */
  readonly mayAsk?: ((connection: Socket) => boolean) | undefined;
  readonly mostStreams: number;
  readonly keepMs: number;
  /** It takes no request any more. */
  readonly onGone: (link: Http2Link) => void;
}

/** MB of a session, of all its streams and headers. Own choice: Node's 10 are for one caller's. */
const mostMemory = 64;

export class Http2Link {
  readonly #options: Http2LinkOptions;
  #session: ClientHttp2Session | Promise<ClientHttp2Session>;
  #socket: Socket | undefined;
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

  /** What its connection was broken off with: its streams end in the order in which Node hears of it, most without a reason. */
  get endedBy(): Error | undefined {
    return this.#socket?.errored ?? undefined;
  }

  /** The program may have said how many it takes (RFC 9113, 5.1.2); until it has, there is no such bound. */
  hasRoom(): boolean {
    const session = this.#session;
    const { mostStreams, mayAsk } = this.#options;
    if (this.#retired) return false;
    if (session instanceof Promise) return this.#streams < mostStreams;
    if (session.closed || session.destroyed) return false;
    if (mayAsk !== undefined && this.#socket !== undefined && !mayAsk(this.#socket)) return false;
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
    const { place } = this.#options;
    this.#socket = socket;
    const session = connect(`${socket instanceof TLSSocket ? 'https' : 'http'}://${place}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
      maxSessionMemory: mostMemory,
    });
    // Its streams hear of it.
    session.on('error', () => undefined);
    session.once('close', () => this.#leave());
    session.once('goaway', () => this.#leave());
    return session;
  }
}
