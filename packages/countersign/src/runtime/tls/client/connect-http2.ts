/** A session of node:http2 with a server that was verified. */
import { connect, type ClientHttp2Session } from 'node:http2';
import { Refusal } from '../../../ground/errors/index.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { Gate } from '../trust/gate.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { ClientOptions, Destination } from './client-options.ts';
import { refuseFirstStream } from './refused-stream.ts';

export interface ConnectedHttp2 {
  /**
   * Closes in good order ahead of the expiry of either certificate, and is destroyed where its peer no longer passes. A new credential is presented
   * by the next session: a session is one connection, and has one identity.
   */
  readonly session: ClientHttp2Session;
  readonly peer: VerifiedPeer;
  /** Its streams have passed it already. */
  readonly gate: Gate;
}

/**
 * @param policy who may be the server; required, there is no default
 * @returns rejects with a Refusal, also where the server does not speak HTTP/2
 */
export async function connectHttp2(
  policy: PolicyOrSource,
  options: ClientOptions,
  destination: Omit<Destination, 'protocols'>,
): Promise<ConnectedHttp2> {
  const { host, port, servername = host } = destination;
  const address = `${host}:${port}`;
  const endpoint = new ClientEndpoint(policy, options);
  const { socket, peer, live } = await endpoint.open({ ...destination, protocols: ['h2'] }, { expectsAnswer: true });
  if (socket.alpnProtocol !== 'h2') {
    socket.destroy();
    throw new Refusal('CS-TLS-001', { address, reason: 'the server does not offer HTTP/2' });
  }
  // The session tells of it; node:http2 has taken its own listener away when the socket itself does.
  socket.on('error', () => undefined);
  const authority = servername.includes(':') ? `[${servername}]` : servername;
  const session = connect(`https://${authority}:${port}`, { createConnection: () => socket });
  const request = session.request.bind(session);
  let first = true;
  session.request = (headers, requestOptions) => {
    const stream = request(headers, requestOptions);
    if (first) refuseFirstStream(stream, address);
    first = false;
    return stream;
  };
  const ended = live.onRetire(() => session.close());
  session.once('close', ended);
  return { session, peer, gate: live };
}
