/** A TLS connection to a server that was verified; for protocols other than HTTP. */
import type { TLSSocket } from 'node:tls';
import { ClientEndpoint } from './client-endpoint.ts';
import type { Destination, MutualClientOptions, ServerAuthenticationOnlyOptions } from './client-options.ts';
import type { Gate } from '../trust/gate.ts';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export interface Connected {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  /** To be asked before what the other side sent is handed on elsewhere: whether it still passes. */
  readonly gate: Gate;
}

/**
 * @param policy who may be the server; required, there is no default
 * @returns rejects with a Refusal. The server may still refuse this side: on TLS 1.3 that shows only when the socket is read.
 */
export async function connect(policy: PolicyOrSource, options: MutualClientOptions & Destination): Promise<Connected> {
  const { socket, peer, gate } = await new ClientEndpoint(policy, options).open(options);
  return { socket, peer, gate };
}

/** The same without a certificate of this side: for first contact with an authority, and for nothing else. */
export async function connectWithoutCredential(
  policy: PolicyOrSource,
  options: ServerAuthenticationOnlyOptions & Destination,
): Promise<Connected> {
  const { socket, peer, gate } = await new ClientEndpoint(policy, options).open(options);
  return { socket, peer, gate };
}
