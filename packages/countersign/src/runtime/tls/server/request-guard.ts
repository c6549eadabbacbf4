/**
 * Stands between a server of HTTP and its listeners: each request, stream and upgraded socket is looked at when it begins, and what it hands on
 * while it lasts. Every listener is behind it, also one that is added later, since it stands where Node emits.
 */
import { IncomingMessage, type ServerResponse } from 'node:http';
import type {
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import type { Server, TLSSocket } from 'node:tls';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { http1Answer, respondRefusal } from '../refusals/http1-answer.ts';
import { respondHttp2Refusal } from '../refusals/http2-answer.ts';
import { refusedStatus } from '../refusals/refusal-body.ts';
import { tell } from '../tell.ts';
import { gateReadable } from '../trust/gate.ts';
import { misdirected, misdirectedStream } from './host-agreement.ts';
import { type Http2Limits, http2LimitsOf, Http2Sweeper, type SlowStreams } from './http2-limits.ts';
import type { Admitted, HandOn } from './interpose.ts';
import { listenersOf, type RefusalListeners } from './refusal-log.ts';
import { rememberOutcome } from './request-peers.ts';
import { Http1Connection, Http2Connection, type ServedConnection } from './served-connection.ts';
import type { ServerOptions, UpgradeHandler } from './server-options.ts';
import { endFailedResponse, serving } from './serving.ts';
import { type StreamHandler, servingStreams, type UnservedStreamHandler } from './serving-streams.ts';
import { slowReader, slowReadersOf } from './slow-readers.ts';
import { UpgradesInTurn } from './upgrades-in-turn.ts';

export class RequestGuard {
  readonly upgrades: UpgradesInTurn;
  readonly #options: ServerOptions;
  readonly #listeners: RefusalListeners;
  /** By socket for HTTP/1.1, by session for HTTP/2, whose sockets are proxies that stand for nothing here. */
  readonly #connections = new WeakMap<object, Http1Connection | Http2Connection>();
  readonly #served = new Set<ServedConnection>();
  readonly #sweeper: Http2Sweeper;
  /** Whose socket is being handed on; sessions of HTTP/2 begin meanwhile. */
  #arriving: { readonly socket: TLSSocket; readonly admitted: Admitted } | undefined;

  constructor(server: Server, options: ServerOptions, limits: Http2Limits = http2LimitsOf(options)) {
    this.#options = options;
    this.#listeners = listenersOf(options);
    const slowReaders = slowReadersOf(options);
    const slow: SlowStreams = {
      limits: slowReaders,
      onSlow: ({ admitted: { peer, remote } }) =>
        tell(this.#listeners.onRefusal, slowReader('a stream of HTTP/2', peer && { peer }, slowReaders), remote),
    };
    this.#sweeper = new Http2Sweeper(options.clock, limits, slow, (flood, { remote }) =>
      tell(this.#listeners.onRefusal, flood, remote),
    );
    this.upgrades = new UpgradesInTurn(server, ({ socket }) => this.#isAnswering(socket));
    standBefore(server, (event, first, second) => this.#lets(event, first, second));
  }

  /** For `interpose`. @param handOn by which the server gets its connections */
  before(handOn: (socket: TLSSocket) => void): HandOn {
    return (socket, admitted) => {
      if (socket.alpnProtocol !== 'h2')
        this.#serve(socket, new Http1Connection(socket, admitted, this.#options.clock), socket);
      this.#arriving = { socket, admitted };
      try {
        handOn(socket);
      } finally {
        this.#arriving = undefined;
      }
    };
  }

  /** The handler of requests, of either version, whose failure ends what it served and nothing else. */
  serving<Asked extends IncomingMessage | Http2ServerRequest, Answer extends ServerResponse | Http2ServerResponse>(
    handler: (request: Asked, response: Answer) => void,
  ): (request: Asked, response: Answer) => void {
    return serving('request', handler, (refusal, request, response) => {
      this.#tellFailure(refusal, 'stream' in request ? request.stream.session : request.socket);
      endFailedResponse(response, refusal, this.#options);
    });
  }

  /** The same for the handler of streams. */
  servingStreams(handler: StreamHandler, refuse?: UnservedStreamHandler): ReturnType<typeof servingStreams> {
    const onFailure = (refusal: Refusal, { session }: ServerHttp2Stream): void => this.#tellFailure(refusal, session);
    return servingStreams(handler, this.#options, onFailure, refuse);
  }

  /** The same for the handler of upgrades. */
  servingUpgrades(handler: UpgradeHandler): UpgradeHandler {
    return serving('upgrade', handler, (refusal, _request, socket) => {
      this.#tellFailure(refusal, socket);
      socket.destroy();
    });
  }

  #tellFailure(refusal: Refusal, bearer: object | undefined): void {
    const connection = bearer === undefined ? undefined : this.#connections.get(bearer);
    tell(this.#listeners.onRefusal, refusal, connection?.admitted.remote ?? { address: 'not known', port: 0 });
  }

  /** Gives up every connection in good order. */
  retire(): void {
    for (const connection of this.#served) connection.retire();
  }

  #serve(bearer: object, connection: Http1Connection | Http2Connection, socket: TLSSocket): void {
    this.#connections.set(bearer, connection);
    this.#served.add(connection);
    const ending = connection.admitted.onRetire(() => connection.retire());
    socket.once('close', () => {
      this.#served.delete(connection);
      ending();
    });
  }

  /** Whether the server's listeners may hear of it. */
  #lets(event: unknown, first: unknown, second: unknown): boolean {
    switch (event) {
      case 'request':
      case 'checkContinue':
      case 'checkExpectation':
        return first instanceof IncomingMessage
          ? this.#letsRequest(first, second as ServerResponse)
          : this.#letsHttp2Request(first as Http2ServerRequest);
      case 'upgrade':
      case 'connect':
        return !(first instanceof IncomingMessage) || this.#letsUpgrade(first, second as TLSSocket);
      case 'session':
        this.#onSession(first as ServerHttp2Session);
        return true;
      case 'stream':
        return this.#letsStream(first as ServerHttp2Stream, second as IncomingHttpHeaders);
      case 'unknownProtocol':
        return this.#letsUnknown(first as TLSSocket);
      default:
        return true;
    }
  }

  #letsRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = this.#connections.get(request.socket);
    // Not handed on by the second stage, whatever brought it here.
    if (!(connection instanceof Http1Connection)) return end(request.socket);
    const hindrance = this.#hindrance(connection);
    if (hindrance === 'shut') return end(request.socket);
    const found = hindrance ?? this.#misdirected(connection, request);
    if (found !== undefined) {
      respondRefusal(response, found.refusal, this.#options, found.status);
      return false;
    }
    connection.begin(response);
    if (connection.admitted.live !== undefined && hasBody(request)) gateReadable(request, connection.admitted.live);
    return true;
  }

  #letsUpgrade(request: IncomingMessage, socket: TLSSocket): boolean {
    const connection = this.#connections.get(socket);
    if (!(connection instanceof Http1Connection)) return end(socket);
    const hindrance = this.#hindrance(connection);
    if (hindrance === 'shut') return end(socket);
    const found = hindrance ?? this.#misdirected(connection, request);
    // CONNECT alone comes before its turn.
    if (found !== undefined && connection.isAnswering) socket.destroy();
    else if (found !== undefined) socket.end(http1Answer(found.refusal, this.#options, found.status));
    connection.upgrade();
    if (found !== undefined) return false;
    if (connection.admitted.live !== undefined) gateReadable(socket, connection.admitted.live);
    return true;
  }

  #isAnswering(socket: object): boolean {
    const connection = this.#connections.get(socket);
    return connection instanceof Http1Connection && connection.isAnswering;
  }

  #onSession(session: ServerHttp2Session): void {
    if (this.#arriving === undefined) {
      session.destroy();
      return;
    }
    const { socket, admitted } = this.#arriving;
    const { peer, refusal, live } = admitted;
    if (peer !== undefined) rememberOutcome(session, { peer }, live);
    else if (refusal !== undefined) rememberOutcome(session, { refusal });
    const connection = new Http2Connection(socket, session, admitted, this.#options.clock);
    this.#serve(session, connection, socket);
    this.#sweeper.watch(connection, socket);
  }

  #letsStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const { session } = stream;
    const connection = session === undefined ? undefined : this.#connections.get(session);
    if (!(connection instanceof Http2Connection)) {
      stream.destroy();
      return false;
    }
    const hindrance = this.#hindrance(connection);
    if (hindrance === 'shut') return leave(stream);
    const serverName = connection.serverName;
    const found = hindrance ?? this.#told(connection, serverName && misdirectedStream(serverName, headers));
    if (found !== undefined) {
      if (!this.#sweeper.beginRefused(connection, stream)) return leave(stream);
      respondHttp2Refusal(stream, found.refusal, this.#options, found.status);
      return leave(stream);
    }
    if (!this.#sweeper.begin(connection, stream, headers)) return leave(stream);
    // One without a body hands nothing on.
    if (connection.admitted.live !== undefined && !stream.endAfterHeaders)
      gateReadable(stream, connection.admitted.live);
    return true;
  }

  /** Looked at when its stream came; but it is a stream itself, that Node ends as if it were whole when the other is cut off. */
  #letsHttp2Request(request: Http2ServerRequest): boolean {
    const { session, endAfterHeaders } = request.stream;
    if (endAfterHeaders) return true;
    const connection = session === undefined ? undefined : this.#connections.get(session);
    if (connection?.admitted.live !== undefined) gateReadable(request, connection.admitted.live);
    return connection !== undefined;
  }

  #letsUnknown(socket: TLSSocket): boolean {
    const connection = this.#connections.get(socket);
    if (!(connection instanceof Http1Connection)) return end(socket);
    connection.upgrade();
    if (connection.admitted.live !== undefined) gateReadable(socket, connection.admitted.live);
    return true;
  }

  /**
   * Why nothing new may begin here. Who has expired is told so; a gate that is shut says nothing. Timers alone are not enough: a machine that slept runs
   * them late.
   */
  #hindrance({ admitted: { live, remote } }: ServedConnection): Answered | 'shut' | undefined {
    if (live === undefined || live.isCurrent()) return undefined;
    try {
      this.#options.trust.requireCurrent(live.peer);
      return live.passes() ? undefined : 'shut';
    } catch (error) {
      if (!isRefusal(error)) throw error;
      tell(this.#listeners.onClosed, error, remote, live.peer);
      return { refusal: error, status: refusedStatus };
    }
  }

  #misdirected(connection: ServedConnection, request: IncomingMessage): Answered | undefined {
    const { serverName } = connection;
    return this.#told(connection, serverName && misdirected(serverName, request));
  }

  #told({ admitted: { remote } }: ServedConnection, refusal: Refusal | '' | undefined): Answered | undefined {
    if (refusal === undefined || refusal === '') return undefined;
    tell(this.#listeners.onRefusal, refusal, remote);
    return { refusal, status: refusal.http };
  }
}

interface Answered {
  readonly refusal: Refusal;
  readonly status: number;
}

function standBefore(server: Server, lets: (event: unknown, first: unknown, second: unknown) => boolean): void {
  const emit: unknown = Reflect.get(server, 'emit');
  if (typeof emit !== 'function') throw new TypeError('a server of Node emits');
  server.emit = (...emitted: readonly unknown[]): boolean =>
    lets(emitted[0], emitted[1], emitted[2]) ? (Reflect.apply(emit, server, emitted) as boolean) : true;
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Nobody else hears of it. Without a listener its error, by whichever code the caller resets it, would end the process. */
function leave(stream: ServerHttp2Stream): false {
  stream.on('error', () => undefined);
  return false;
}

function end(socket: { destroy(): unknown }): false {
  socket.destroy();
  return false;
}
