/** A TLS connection to a server that was verified; for protocols other than HTTP. */
import type { TLSSocket } from 'node:tls';
import type { PeerPolicy } from '../../../identity/authorization/index.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { Destination, MutualClientOptions, ServerAuthenticationOnlyOptions } from './client-options.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export interface Connected {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
}

/**
 * @param policy who may be the server; required, there is no default
 * @returns rejects with a Refusal. The server may still refuse this side: on TLS 1.3 that shows only when the socket is read.
 */
export async function connect(policy: PeerPolicy, options: MutualClientOptions & Destination): Promise<Connected> {
  const { socket, peer } = await new ClientEndpoint(policy, options).open(options);
  return { socket, peer };
}

/** The same without a certificate of this side: for first contact with an authority, and for nothing else. */
export async function connectWithoutCredential(
  policy: PeerPolicy,
  options: ServerAuthenticationOnlyOptions & Destination,
): Promise<Connected> {
  const { socket, peer } = await new ClientEndpoint(policy, options).open(options);
  return { socket, peer };
}
