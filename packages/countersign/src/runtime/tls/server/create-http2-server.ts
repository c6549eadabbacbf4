/** A server of HTTP/2 that authenticates both sides, and of HTTP/1.1 for who asks for that: one handler for both. */
import { IncomingMessage, ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { usable } from '../context/context-options.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { http2Bounds } from './http2-limits.ts';
import { httpOptionsOf } from './http-options.ts';
import { interpose, takeHandOn } from './interpose.ts';
import { mutualTlsServer, type TakingServer } from './mutual-tls-server.ts';
import { RequestGuard } from './request-guard.ts';
import type { StreamHandler, UnservedStreamHandler } from './serving-streams.ts';
import type { ServerOptions, UpgradeHandler } from './server-options.ts';
import { tlsServerOptions } from './tls-server-options.ts';

type Asked = Http2ServerRequest | IncomingMessage;
type Answer = Http2ServerResponse | ServerResponse;

/** What the two versions have in common; `httpVersionMajor` of the request tells them apart. */
export type Http2RequestHandler = (request: Asked, response: Answer) => void;

/** In this order, the client's own order aside (RFC 7301, 3.2). */
const protocols = ['h2', 'http/1.1'];

/**
 * @param policy who may be the client; required, there is no default
 * @param onUpgrade takes WebSockets and their kin, over HTTP/1.1 alone; without it Node serves such a request as any other
 */
export function createHttp2Server(
  policy: PolicyOrSource,
  options: ServerOptions,
  handler: Http2RequestHandler,
  onUpgrade?: UpgradeHandler,
): TakingServer {
  return serverWith(policy, options, (server, guard) => {
    server.on('request', guard.serving(handler));
    if (onUpgrade !== undefined) server.on('upgrade', guard.servingUpgrades(onUpgrade));
  });
}

export interface StreamServing {
  /** Requests of HTTP/1.1. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  /** Requests of HTTP/2. Errors of a stream end nothing; it is closed then. @param rawHeaders name, value, name, value */
  readonly onStream: StreamHandler;
  readonly onUpgrade: UpgradeHandler;
  /** Answers what is not served: CONNECT, and an expectation other than 100-continue. Default Node's own answers, by a status or an end alone. */
  readonly unserved?: UnservedHandlers;
}

export interface UnservedHandlers {
  readonly onExpect: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onStream: UnservedStreamHandler;
  /** An upgrade that is asked for while an earlier request of its connection is unanswered. Default: it is served as if it asked for none. */
  readonly onEarlyUpgrade: (request: IncomingMessage, response: ServerResponse) => void;
  /** CONNECT of HTTP/1.1. */
  readonly onConnect: UpgradeHandler;
}

/**
 * The same with requests of HTTP/2 as node:http2's own streams, without the likeness of HTTP/1.1 above them, which costs half as much again. What that does
 * besides is done here: CONNECT is not served, `100-continue` is answered, and no other expectation is met; `unserved` answers those.
 */
export function createStreamServer(
  policy: PolicyOrSource,
  options: ServerOptions,
  { onRequest, onStream, onUpgrade, unserved }: StreamServing,
): TakingServer {
  return serverWith(policy, options, (server, guard) => {
    const serve = guard.serving(onRequest);
    const denyEarly = unserved && guard.serving(unserved.onEarlyUpgrade);
    server.on('request', (request, response) => {
      if (!(request instanceof IncomingMessage && response instanceof ServerResponse)) return;
      if (denyEarly !== undefined && guard.upgrades.wasEarly(request)) denyEarly(request, response);
      else serve(request, response);
    });
    if (unserved !== undefined) {
      const deny = guard.serving(unserved.onExpect);
      server.on('checkExpectation', (request: Asked, response: Answer) => {
        if (request instanceof IncomingMessage && response instanceof ServerResponse) deny(request, response);
      });
      server.on('connect', guard.servingUpgrades(unserved.onConnect));
    }
    // By which Node would serve them as requests, since there is a listener for those.
    server.removeAllListeners('stream');
    server.on('stream', guard.servingStreams(onStream, unserved?.onStream));
    server.on('upgrade', guard.servingUpgrades(onUpgrade));
  });
}

function serverWith(
  policy: PolicyOrSource,
  options: ServerOptions,
  arm: (server: Http2SecureServer, guard: RequestGuard) => void,
): TakingServer {
  const tlsOptions = tlsServerOptions(policy, options, protocols);
  const server = usable(() =>
    createSecureServer({ ...tlsOptions, ...httpOptionsOf(options), ...http2Bounds, allowHTTP1: true }),
  );
  const guard = new RequestGuard(server, options);
  arm(server, guard);
  if (options.onMalformed !== undefined) server.on('clientError', options.onMalformed);
  const { sockets, release, stopWaiting } = interpose(policy, server, options, guard.before(takeHandOn(server)));
  return mutualTlsServer({ server, sockets, clock: options.clock, release, stopWaiting, retire: () => guard.retire() });
}
