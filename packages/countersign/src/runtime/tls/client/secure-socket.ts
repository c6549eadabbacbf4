/** One verified TLS connection, with the protocols of one's choice: what all other clients of this room stand on. */
import type { TLSSocket } from 'node:tls';
import type { PolicyOrSource } from '../peer/policy-source.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import type { Gate } from '../trust/gate.ts';
import { ClientEndpoint } from './client-endpoint.ts';
import type { ClientOptions, Destination } from './client-options.ts';

export interface SecureSocket {
  /** What it hands on has passed the gate already; it ends where its peer no longer passes. */
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  /** To be asked before what the other side sent is handed on elsewhere: whether it still passes. */
  readonly gate: Gate;
  /** Milliseconds since 1970 from which on nothing new should begin here: ahead of the expiry of either certificate. */
  readonly retireAt: number;
  /** Calls `listener` once, at `retireAt`, while the connection lives; the function that is returned ends that. */
  onRetire(listener: () => void): () => void;
}

/**
 * For protocols of one's own: nothing is said yet on the connection, and the server may end it without an answer.
 * @param policy who may be the server; required, there is no default
 * @returns rejects with a Refusal, also where the server refuses this side and shows it within two handshake round trips
 */
export async function secureSocket(
  policy: PolicyOrSource,
  options: ClientOptions,
  destination: Destination,
): Promise<SecureSocket> {
  const usage = { expectsAnswer: destination.expectsAnswer ?? false };
  const { socket, peer, live } = await new ClientEndpoint(policy, options).open(destination, usage);
  return { socket, peer, gate: live, retireAt: live.retireAt, onRetire: (listener) => live.onRetire(listener) };
}
