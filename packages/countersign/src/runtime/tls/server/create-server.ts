/** An HTTPS server that authenticates both sides: policy first, and no request reaches the handler from a peer that was not verified. */
import { createServer as createHttpsServer } from 'node:https';
import { usable } from '../context/context-options.ts';
import { alpnProtocols } from '../context/tls-profile.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import { httpOptionsOf } from './http-options.ts';
import { interpose, takeHandOn } from './interpose.ts';
import { mutualTlsServer, type MutualTlsServer } from './mutual-tls-server.ts';
import { RequestGuard } from './request-guard.ts';
import type { RequestHandler, ServerOptions, UpgradeHandler } from './server-options.ts';
import { tlsServerOptions } from './tls-server-options.ts';

/**
 * @param policy who may be the client; required, there is no default
 * @param onUpgrade takes WebSockets and their kin; without it Node serves such a request as any other, as if it asked for no upgrade
 */
export function createServer(
  policy: PolicyOrSource,
  options: ServerOptions,
  handler: RequestHandler,
  onUpgrade?: UpgradeHandler,
): MutualTlsServer {
  const tlsOptions = tlsServerOptions(policy, options, alpnProtocols);
  const server = usable(() => createHttpsServer({ ...tlsOptions, ...httpOptionsOf(options) }));
  const guard = new RequestGuard(server, options);
  server.on('request', guard.serving(handler));
  if (onUpgrade !== undefined) server.on('upgrade', guard.servingUpgrades(onUpgrade));
  const { sockets, release, stopWaiting } = interpose(policy, server, options, guard.before(takeHandOn(server)));
  return mutualTlsServer({ server, sockets, clock: options.clock, release, stopWaiting, retire: () => guard.retire() });
}
