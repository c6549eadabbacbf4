/** From a request to the verified peer that sent it. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';

export type PeerOutcome = { readonly peer: VerifiedPeer } | { readonly refusal: Refusal };

const outcomes = new WeakMap<Socket, PeerOutcome>();

/** For the server of this room alone; not published by the door. */
export function rememberOutcome(socket: Socket, outcome: PeerOutcome): void {
  outcomes.set(socket, outcome);
}

/** The peer that sent this request. @throws CS-PEER-001 where it presented no certificate, or the refusal of the one it did */
export function peerOf(request: IncomingMessage): VerifiedPeer {
  const outcome = optionalPeerOf(request);
  if (outcome === undefined) throw new Refusal('CS-PEER-001', { address: request.socket.remoteAddress ?? 'not known' });
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.peer;
}

/**
 * For servers with `clientCertificate: 'optional'`: the peer, or why the certificate that it presented does not count,
 * or `undefined` where it presented none.
 */
export function optionalPeerOf(request: IncomingMessage): PeerOutcome | undefined {
  return outcomes.get(request.socket);
}
