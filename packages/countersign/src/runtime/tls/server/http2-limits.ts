/** What node:http2 does not limit by itself: how long a session may be without a request, a request without its end, and a response without a reader. */
import {
  constants,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { underlying } from '../remote.ts';
import { type GivenUpAccount, GivenUpAccounts } from './given-up-streams.ts';
import { OpenStreams, type OpenStream } from './open-streams.ts';
import { outgoingOf } from './outgoing.ts';
import type { ServedConnection } from './served-connection.ts';
import type { SlowReaderLimits } from './slow-readers.ts';
import { lookAtStream } from './slow-streams.ts';

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

export function http2LimitsOf({ headerMs }: { readonly headerMs?: number }): Http2Limits {
  return headerMs === undefined ? defaultHttp2Limits : { ...defaultHttp2Limits, firstRequestMs: headerMs };
}

/**
 * For `createSecureServer`. Node's own defaults where they bound a flood, given so that a later Node does not decide them; of streams at a time, of
 * their header and of those that are reset fewer than its own.
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
  // Streams that the client opens and resets at once (CVE-2023-44487). More than all that may be open, which a proxy in front may give up together; each
  // costs some 0.1 ms.
  streamResetBurst: 300,
  streamResetRate: 33,
  unknownProtocolTimeout: 1_000,
};

interface Watched {
  readonly connection: ServedConnection & { readonly session: ServerHttp2Session };
  readonly socket: TLSSocket;
  readonly streams: OpenStreams;
  /** Once it, or another session of the same caller, gave up a stream. */
  account: GivenUpAccount | undefined;
  givenUp: number;
  /** Since when no stream was open, as far as was looked. */
  idleSinceMs: number;
  served: boolean;
}

export interface SlowStreams {
  readonly limits: SlowReaderLimits;
  /** It is reset by then. */
  readonly onSlow: (connection: ServedConnection) => void;
}

/** How long a session that was told to go has to read it. Own choice. */
const lastWordMs = 1_000;

type FloodListener = (refusal: Refusal, caller: ServedConnection['admitted']) => void;

/** Looks at all sessions of a server now and then: a timer for each request would cost more than the request. */
export class Http2Sweeper {
  readonly #clock: Clock;
  readonly #limits: Http2Limits;
  readonly #slow: SlowStreams;
  readonly #onFlood: FloodListener;
  readonly #accounts: GivenUpAccounts;
  readonly #everyMs: number;
  readonly #watched = new Map<object, Watched>();
  #armed = false;

  constructor(clock: Clock, limits: Http2Limits, slow: SlowStreams, onFlood: FloodListener) {
    this.#clock = clock;
    this.#onFlood = onFlood;
    this.#accounts = new GivenUpAccounts(clock);
    this.#limits = limits;
    this.#slow = slow;
    this.#everyMs = Math.min(limits.firstRequestMs, limits.idleMs, limits.requestMs, slow.limits.everyMs) / 3;
  }

  watch(connection: Watched['connection'], socket: TLSSocket): void {
    const idleSinceMs = this.#clock.monotonic();
    const account = this.#accounts.known(connection.admitted);
    const streams = new OpenStreams();
    this.#watched.set(connection, { connection, socket, streams, account, givenUp: 0, idleSinceMs, served: false });
    connection.session.once('close', () => this.#watched.delete(connection));
    this.#arm();
  }

  /** @returns whether it may be served: `false` where its session was ended, now or before */
  begin(connection: ServedConnection, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const watched = this.#watched.get(connection);
    if (watched === undefined) return false;
    watched.served = true;
    watched.idleSinceMs = Number.NaN;
    return this.#add(watched, stream, stream.endAfterHeaders || mayLast(headers));
  }

  /** One that is answered with a refusal at once. @returns as `begin` */
  beginRefused(connection: ServedConnection, stream: ServerHttp2Stream): boolean {
    const watched = this.#watched.get(connection);
    return watched !== undefined && this.#add(watched, stream, true);
  }

  #add(watched: Watched, stream: ServerHttp2Stream, lasting: boolean): boolean {
    const { connection, streams, account } = watched;
    if (!streams.add(stream, lasting) && (account === undefined || account.left >= 1)) return true;
    streams.prune();
    const { givenUp, endedWell } = streams;
    if (givenUp === 0 && account === undefined) return true;
    streams.givenUp = 0;
    streams.endedWell = 0;
    watched.givenUp += givenUp;
    const charged = (watched.account ??= this.#accounts.of(connection.admitted));
    if (!charged.take(givenUp, endedWell) || givenUp === 0) return true;
    this.#endFlood(watched, charged);
    return false;
  }

  #endFlood({ connection, socket, givenUp }: Watched, account: GivenUpAccount): void {
    const { session, admitted } = connection;
    const { peer, remote } = admitted;
    this.#watched.delete(connection);
    const name = peer === undefined ? 'without a certificate' : peer.name;
    this.#onFlood(new Refusal('CS-TLS-020', { peer: name, address: remote.address, streams: givenUp }), admitted);
    // Who goes on all the same is cut off: `destroy` leaves unread what came at once, which costs ten times as much to read, but no GOAWAY gets out then.
    if (!account.isToBeTold()) {
      session.destroy();
      return;
    }
    // Of itself `destroy` would say so as an error of each stream.
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    setImmediate(() => session.destroy());
    const timer = this.#clock.after(lastWordMs, () => socket.destroy(), { unref: true });
    session.once('close', () => timer.cancel());
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

  #look(watched: Watched): void {
    const nowMs = this.#clock.monotonic();
    const open = watched.streams.open();
    // One was open, or is, since it was looked last.
    if (open.length > 0 || Number.isNaN(watched.idleSinceMs)) watched.idleSinceMs = nowMs;
    if (open.length === 0) this.#lookAtIdle(watched, nowMs - watched.idleSinceMs);
    if (open.length > 0) this.#lookForSlow(watched, open, nowMs);
    for (const one of open) {
      one.sinceMs ??= nowMs;
      if (one.lasting || one.stream.readableEnded || nowMs - one.sinceMs < this.#limits.requestMs) continue;
      one.stream.close(constants.NGHTTP2_CANCEL);
    }
  }

  #lookForSlow({ connection, socket }: Watched, open: readonly OpenStream[], nowMs: number): void {
    const { limits, onSlow } = this.#slow;
    const takenOfAll = outgoingOf(underlying(socket) ?? socket)?.taken;
    if (takenOfAll === undefined) return;
    for (const one of open) {
      const found = lookAtStream(one.stream, one.waiting, { nowMs, takenOfAll, limits });
      one.waiting = found === 'slow' ? undefined : found;
      if (found !== 'slow') continue;
      // Another code would be an error of the stream, which ends the process where nobody listens.
      one.stream.close(constants.NGHTTP2_CANCEL);
      onSlow(connection);
    }
  }

  #lookAtIdle({ connection, served }: Watched, idleMs: number): void {
    const mostMs = served ? this.#limits.idleMs : this.#limits.firstRequestMs;
    // One that sends a header byte by byte, or does not read the GOAWAY, is not idle in its own eyes.
    if (idleMs >= mostMs + this.#everyMs) connection.session.destroy();
    else if (idleMs >= mostMs) connection.retire();
  }
}

function mayLast(headers: IncomingHttpHeaders): boolean {
  return headers[':method'] === 'CONNECT' || headers['content-type']?.startsWith('application/grpc') === true;
}
