/** A server of bytes over mutual TLS, for protocols other than HTTP: it hears of verified peers alone. */
import { createServer as createNodeServer, type TLSSocket } from 'node:tls';
import { usable } from '../context/context-options.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { gateReadable } from '../trust/gate.ts';
import { interpose } from './interpose.ts';
import { mutualTlsServer, type MutualTlsServer } from './mutual-tls-server.ts';
import type { ServerOptions } from './server-options.ts';
import { clientCertificateIsOptional, tlsServerOptions } from './tls-server-options.ts';

export interface VerifiedConnection {
  /** Hands nothing on once its peer no longer passes. */
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
}

/**
 * Who is refused finds the connection ended: there is no protocol to say it in.
 * @param policy who may be the client; required, there is no default
 */
export function createTlsServer(
  policy: PolicyOrSource,
  options: ServerOptions,
  onConnection: (connection: VerifiedConnection) => void,
): MutualTlsServer {
  if (clientCertificateIsOptional(options))
    throw new TypeError('a server of bytes has no strangers: certificates are required');
  const server = usable(() => createNodeServer(tlsServerOptions(policy, options, [])));
  const { sockets, release } = interpose(
    policy,
    server,
    options,
    (socket, { live }) => {
      if (live === undefined) return void socket.destroy();
      gateReadable(socket, live);
      onConnection({ socket, peer: live.peer });
    },
    'none',
  );
  return mutualTlsServer({ server, sockets, clock: options.clock, release });
}
