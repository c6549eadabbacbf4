/** Requests as they arrive, over either version of HTTP: what arrived, from whom, and who serves it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, Http2Session, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Unserved } from '../../../runtime/tls/index.ts';
import { type Asked, askedBy, askedOverStream, wayBackOver, wayBackOverStream } from '../../relay/index.ts';
import { isCallerGone } from './caller-gone.ts';
import type { MalformedRequests } from './malformed-requests.ts';
import type { StreamShare } from './paced-streams.ts';
import { type Arrival, awaitedFor, type Passage, passageOf } from './passage.ts';
import { serveRequest } from './serve-request.ts';
import { serveUpgrade } from './serve-upgrade.ts';
import { type ServiceOptions, ServiceParts } from './service-parts.ts';
import { WatchedWay } from './watched-way.ts';

export interface ArrivedStream {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
}

/** For each of its methods `handshake` is the host that the connection's handshake was with, as the configuration names it. */
export class RequestService {
  readonly #parts: ServiceParts;
  /** Of sessions: what Node puts before their sockets is slow, and throws once they are closed. */
  readonly #addresses = new WeakMap<Http2Session, string>();

  constructor(options: ServiceOptions) {
    this.#parts = new ServiceParts(options);
  }

  get malformed(): MalformedRequests {
    return this.#parts.malformed;
  }

  /** @returns of each: a promise where something is waited for; whoever called it hears what is thrown later, too */
  serve(handshake: string, request: IncomingMessage, response: ServerResponse, unserved?: Unserved): unknown {
    const asked = askedBy(request);
    const arrival = overHttp1(handshake, request, unserved);
    const waiting = awaitedFor(arrival, asked, this.#parts.current());
    if (waiting === undefined) {
      this.#serve(arrival, asked, request, response);
      return undefined;
    }
    return waiting.then(() => {
      if (!isCallerGone(response, request.socket)) this.#serve(arrival, asked, request, response);
    });
  }

  #serve(arrival: Arrival, asked: Asked | undefined, request: IncomingMessage, response: ServerResponse): void {
    serveRequest(this.#parts, {
      asked,
      passage: this.#passage(arrival, asked),
      wayBack: new WatchedWay(wayBackOver(response)),
      response,
      connection: request.socket,
    });
  }

  serveStream(handshake: string, { stream, headers, rawHeaders }: ArrivedStream, unserved?: Unserved): unknown {
    const { session } = stream;
    // It was reset before its turn came.
    if (session === undefined) return undefined;
    const share = this.#parts.paced.shareOf(session);
    const asked = askedOverStream(stream, headers, rawHeaders);
    const { ':method': method = 'GET', ':authority': authority = '/', ':path': target = authority } = headers;
    const arrival: Arrival = {
      bearer: session as ServerHttp2Session,
      address: this.#addressOf(session),
      question: { host: handshake, method, target },
      protocol: 'HTTP/2.0',
      unserved,
    };
    const waiting = awaitedFor(arrival, asked, this.#parts.current());
    const serving = (): void => this.#serveStream(arrival, asked, { stream, session, share });
    if (waiting === undefined) {
      serving();
      return undefined;
    }
    return waiting.then(() => {
      if (isCallerGone(stream, session)) share.open -= 1;
      else serving();
    });
  }

  #serveStream(
    arrival: Arrival,
    asked: Asked | undefined,
    { stream, session, share }: { stream: ServerHttp2Stream; session: Http2Session; share: StreamShare },
  ): void {
    serveRequest(this.#parts, {
      asked,
      passage: this.#passage(arrival, asked),
      wayBack: new WatchedWay(wayBackOverStream(stream)),
      response: stream,
      connection: session,
      share,
    });
  }

  serveUpgrade(
    handshake: string,
    request: IncomingMessage,
    socket: TLSSocket,
    head: Buffer,
    unserved?: Unserved,
  ): unknown {
    // Node's parser has given it away: without a listener its reset would end the process.
    socket.on('error', () => undefined);
    const [arrival, asked] = [overHttp1(handshake, request, unserved), askedBy(request)];
    const serving = (): void => serveUpgrade(this.#parts, this.#passage(arrival, asked), { request, socket, head });
    const waiting = awaitedFor(arrival, asked, this.#parts.current());
    if (waiting === undefined) {
      serving();
      return undefined;
    }
    return waiting.then(() => {
      if (!isCallerGone(socket, socket)) serving();
    });
  }

  #passage(arrival: Arrival, asked: Asked | undefined): Passage {
    const { clock, current } = this.#parts;
    return passageOf(arrival, asked, current(), clock);
  }

  #addressOf(session: Http2Session): string {
    const known = this.#addresses.get(session);
    if (known !== undefined) return known;
    const address = session.socket.remoteAddress ?? 'not known';
    this.#addresses.set(session, address);
    return address;
  }
}

function overHttp1(handshake: string, request: IncomingMessage, unserved: Unserved | undefined): Arrival {
  const { method = 'GET', url: target = '/', socket, httpVersion } = request;
  return {
    bearer: request,
    address: socket.remoteAddress ?? 'not known',
    question: { host: handshake, method, target },
    protocol: httpVersion === '1.1' ? 'HTTP/1.1' : `HTTP/${httpVersion}`,
    unserved,
  };
}
