/** What node:http2 does not limit by itself: how long a session may be without a request, and a request without its end. */
import {
  constants,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Clock } from '../../../ground/clock/index.ts';
import type { ServedConnection } from './served-connection.ts';

export interface Http2Limits {
  /** From the handshake to the first request, milliseconds. */
  readonly firstRequestMs: number;
  /** Between the end of the last request and the next, milliseconds. */
  readonly idleMs: number;
  /** From the header of a request to its end, milliseconds; not for gRPC and CONNECT, whose requests may last for ever. */
  readonly requestMs: number;
}

/** As the HTTP/1.1 server of this room has them. */
export const defaultHttp2Limits: Http2Limits = { firstRequestMs: 15_000, idleMs: 60_000, requestMs: 300_000 };

/**
 * For `createSecureServer`. Node's own defaults where they bound a flood, given so that a later Node does not decide them; of streams at a time and of
 * their header fewer than its own.
 */
export const http2Bounds: SecureServerOptions = {
  settings: { maxConcurrentStreams: 250, maxHeaderListSize: 16 * 1024, enablePush: false },
  // MB of one session (CVE-2019-9511 and its kin).
  maxSessionMemory: 10,
  maxHeaderListPairs: 128,
  maxOutstandingPings: 10,
  maxSettings: 32,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  // Streams that the client opens and resets at once (CVE-2023-44487).
  streamResetBurst: 1_000,
  streamResetRate: 33,
  unknownProtocolTimeout: 1_000,
};

interface Watched {
  readonly connection: ServedConnection & { readonly session: ServerHttp2Session };
  readonly streams: Map<ServerHttp2Stream, number>;
  sinceMs: number;
  served: boolean;
}

/** Looks at all sessions of a server now and then: a timer for each request would cost more than the request. */
export class Http2Sweeper {
  readonly #clock: Clock;
  readonly #limits: Http2Limits;
  readonly #everyMs: number;
  readonly #watched = new Map<object, Watched>();
  #armed = false;

  constructor(clock: Clock, limits: Http2Limits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#everyMs = Math.min(limits.firstRequestMs, limits.idleMs, limits.requestMs) / 3;
  }

  watch(connection: Watched['connection']): void {
    const { session } = connection;
    this.#watched.set(connection, { connection, streams: new Map(), sinceMs: this.#clock.monotonic(), served: false });
    session.once('close', () => this.#watched.delete(connection));
    this.#arm();
  }

  begin(connection: ServedConnection, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const watched = this.#watched.get(connection);
    if (watched === undefined) return;
    watched.served = true;
    watched.streams.set(stream, mayLast(headers) ? Number.POSITIVE_INFINITY : this.#clock.monotonic());
    stream.once('close', () => {
      watched.streams.delete(stream);
      watched.sinceMs = this.#clock.monotonic();
    });
  }

  #arm(): void {
    if (this.#armed || this.#watched.size === 0) return;
    this.#armed = true;
    const onTimer = (): void => {
      this.#armed = false;
      for (const watched of this.#watched.values()) this.#look(watched);
      this.#arm();
    };
    this.#clock.after(this.#everyMs, onTimer, { unref: true });
  }

  #look({ connection, streams, sinceMs, served }: Watched): void {
    const { session } = connection;
    const nowMs = this.#clock.monotonic();
    const idleMs = nowMs - sinceMs;
    if (streams.size === 0) {
      const { firstRequestMs, idleMs: mostIdleMs } = this.#limits;
      const mostMs = served ? mostIdleMs : firstRequestMs;
      // One that sends a header byte by byte, or does not read the GOAWAY, is not idle in its own eyes.
      if (idleMs >= mostMs + this.#everyMs) session.destroy();
      else if (idleMs >= mostMs) connection.retire();
      return;
    }
    for (const [stream, beganMs] of streams) {
      if (nowMs - beganMs >= this.#limits.requestMs && !stream.readableEnded) stream.close(constants.NGHTTP2_CANCEL);
    }
  }
}

function mayLast(headers: IncomingHttpHeaders): boolean {
  return headers[':method'] === 'CONNECT' || headers['content-type']?.startsWith('application/grpc') === true;
}
