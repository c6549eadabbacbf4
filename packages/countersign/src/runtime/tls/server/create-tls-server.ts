/** A server of bytes over mutual TLS, for protocols other than HTTP: it hears of verified peers alone. */
import { createServer as createNodeServer, type TLSSocket } from 'node:tls';
import type { Refusal } from '../../../ground/errors/index.ts';
import { usable } from '../context/context-options.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { remoteOf } from '../remote.ts';
import { tell } from '../tell.ts';
import { type Gate, gateReadable } from '../trust/gate.ts';
import { disagreement, serverNameOf } from './host-agreement.ts';
import { interpose } from './interpose.ts';
import { mutualTlsServer, type MutualTlsServer } from './mutual-tls-server.ts';
import { listenersOf } from './refusal-log.ts';
import type { ServerOptions } from './server-options.ts';
import { serving } from './serving.ts';
import { clientCertificateIsOptional, tlsServerOptions } from './tls-server-options.ts';

export interface VerifiedConnection {
  /** Hands nothing on once its peer no longer passes. */
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  /** For whoever reads the socket natively, as sessions of HTTP/2 do: to be asked before anything of it is handed on. */
  readonly gate: Gate;
  /** Calls `listener` once, ahead of the expiry of either certificate: nothing new should begin here then. What is returned ends that. */
  onRetire(listener: () => void): () => void;
  /**
   * For protocols whose requests name a host, as those of HTTP/2 do (RFC 9110, 7.4): CS-TLS-012 where the handshake was with another one; `onRefusal` is
   * told. Nothing is misdirected where the client asked for no name.
   */
  misdirected(host: string): Refusal | undefined;
}

export interface TlsServerOptions extends ServerOptions {
  /** For ALPN (RFC 7301), the preferred one first. Default: none is spoken of. */
  readonly protocols?: readonly string[];
}

/**
 * Who is refused finds the connection ended: there is no protocol to say it in.
 * @param policy who may be the client; required, there is no default
 */
export function createTlsServer(
  policy: PolicyOrSource,
  options: TlsServerOptions,
  onConnection: (connection: VerifiedConnection) => void,
): MutualTlsServer {
  if (clientCertificateIsOptional(options))
    throw new TypeError('a server of bytes has no strangers: certificates are required');
  const { onRefusal } = listenersOf(options);
  const serve = serving('connection', onConnection, (refusal, { socket }) => {
    tell(onRefusal, refusal, remoteOf(socket));
    socket.destroy();
  });
  const server = usable(() => createNodeServer(tlsServerOptions(policy, options, options.protocols ?? [])));
  const { sockets, release, stopWaiting } = interpose(
    policy,
    server,
    options,
    (socket, { live, remote }) => {
      if (live === undefined) return void socket.destroy();
      gateReadable(socket, live);
      const serverName = serverNameOf(socket);
      serve({
        socket,
        peer: live.peer,
        gate: live,
        onRetire: (listener) => live.onRetire(listener),
        misdirected: (host) => {
          const refusal = serverName === undefined ? undefined : disagreement(serverName, host);
          if (refusal !== undefined) tell(onRefusal, refusal, remote);
          return refusal;
        },
      });
    },
    'none',
  );
  return mutualTlsServer({ server, sockets, clock: options.clock, release, stopWaiting });
}
