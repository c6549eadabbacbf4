/** An HTTPS server that authenticates both sides: policy first, and no request reaches the handler from a peer that was not verified. */
import { createServer as createHttpsServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { isRefusal } from '../../../ground/errors/index.ts';
import { usable } from '../context/context-options.ts';
import { alpnProtocols } from '../context/tls-profile.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { respondRefusal } from '../refusals/refusal-answer.ts';
import { tell } from '../tell.ts';
import { interpose, takeHandOn, type Admitted } from './interpose.ts';
import { mutualTlsServer, type MutualTlsServer } from './mutual-tls-server.ts';
import type { RequestHandler, ServerOptions } from './server-options.ts';
import { tlsServerOptions } from './tls-server-options.ts';

/** Bytes of a request's header. Node's own default, given so that `--max-http-header-size` does not decide it. */
const mostHeaderBytes = 16 * 1024;

/** Slow senders are cut off: Node's headersTimeout is 60 s, ours is shorter as its peers are programs. Our own choice. */
const headersTimeoutMs = 15_000;
const requestTimeoutMs = 300_000;

/** Idle connections stay this long: keep-alive is what saves handshakes. Announced to clients, who give them up a second before. */
const keepAliveTimeoutMs = 60_000;

/** @param policy who may be the client; required, there is no default */
export function createServer(policy: PolicyOrSource, options: ServerOptions, handler: RequestHandler): MutualTlsServer {
  const admitted = new WeakMap<Socket, Admitted>();
  const server = newHttpsServer(tlsServerOptions(policy, options, alpnProtocols), (request, response) => {
    serve({ request, response, options, handler, admitted: admitted.get(request.socket) });
  });
  const handOn = takeHandOn(server);
  const { sockets, release } = interpose(policy, server, options, (socket, admission) => {
    admitted.set(socket, admission);
    handOn(socket);
  });
  return mutualTlsServer({ server, sockets, clock: options.clock, release });
}

function newHttpsServer(tlsOptions: TlsOptions, onRequest: RequestHandler): Server {
  const httpOptions = {
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: mostHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    noDelay: true,
  };
  return usable(() => createHttpsServer({ ...tlsOptions, ...httpOptions }, onRequest));
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly options: ServerOptions;
  readonly handler: RequestHandler;
  readonly admitted: Admitted | undefined;
}

function serve({ request, response, options, handler, admitted }: Asked): void {
  const { trust, clock, onClosed } = options;
  try {
    if (admitted?.live !== undefined) trust.requireCurrent(admitted.live.peer);
  } catch (error) {
    if (!isRefusal(error) || admitted === undefined) throw error;
    tell(onClosed, error, admitted.remote);
    respondRefusal(response, error);
    return;
  }
  if (admitted === undefined || clock.now() >= admitted.retireAt) response.shouldKeepAlive = false;
  handler(request, response);
}
