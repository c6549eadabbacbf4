/** A TLS connection to a server that was verified; for protocols other than HTTP. */
import type { TLSSocket } from 'node:tls';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { Gate } from '../trust/gate.ts';
import type { Destination, MutualClientOptions, ServerAuthenticationOnlyOptions } from './client-options.ts';
import { secureSocket } from './secure-socket.ts';

export interface Connected {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  /** To be asked before what the other side sent is handed on elsewhere: whether it still passes. */
  readonly gate: Gate;
}

/**
 * @param policy who may be the server; required, there is no default
 * @returns rejects with a Refusal, also where the server refuses this side: the first connection with a credential waits for that. Later ones do
 *   not, and their socket is then destroyed with the refusal.
 */
export function connect(policy: PolicyOrSource, options: MutualClientOptions & Destination): Promise<Connected> {
  return secureSocket(policy, options, options);
}

/** The same without a certificate of this side: for first contact with an authority, and for nothing else. */
export function connectWithoutCredential(
  policy: PolicyOrSource,
  options: ServerAuthenticationOnlyOptions & Destination,
): Promise<Connected> {
  return secureSocket(policy, options, options);
}
