/** A server of HTTP/2 that authenticates both sides, and of HTTP/1.1 for who asks for that: one handler for both. */
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { usable } from '../context/context-options.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { http2Bounds } from './http2-limits.ts';
import { httpOptionsOf } from './http-options.ts';
import { interpose, takeHandOn } from './interpose.ts';
import { mutualTlsServer, type TakingServer } from './mutual-tls-server.ts';
import { RequestGuard } from './request-guard.ts';
import type { ServerOptions, UpgradeHandler } from './server-options.ts';
import { tlsServerOptions } from './tls-server-options.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** What the two versions have in common; `httpVersionMajor` of the request tells them apart. */
export type Http2RequestHandler = (
  request: Http2ServerRequest | IncomingMessage,
  response: Http2ServerResponse | ServerResponse,
) => void;

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
  const tlsOptions = tlsServerOptions(policy, options, protocols);
  const server = usable(() =>
    createSecureServer({ ...tlsOptions, ...httpOptionsOf(options), ...http2Bounds, allowHTTP1: true }),
  );
  const guard = new RequestGuard(server, options);
  server.on('request', guard.serving(handler));
  if (onUpgrade !== undefined) server.on('upgrade', guard.servingUpgrades(onUpgrade));
  if (options.onMalformed !== undefined) server.on('clientError', options.onMalformed);
  const { sockets, release, stopWaiting } = interpose(policy, server, options, guard.before(takeHandOn(server)));
  return mutualTlsServer({ server, sockets, clock: options.clock, release, stopWaiting, retire: () => guard.retire() });
}
