/** The certificate that was presented on a connection, whether or not it counts: for endpoints that compare it with one they were told. */
import { TLSSocket } from 'node:tls';
import type { PeerBearer } from './request-peers.ts';
import { type PresentedChain, presentedChain } from '../peer/presented-chain.ts';

/**
 * DER of the leaf whose key the other side proved to have, in the handshake; nothing else of it was looked at, and it makes nobody a `VerifiedPeer`. Always
 * the same one, since servers of this room do not renegotiate. `undefined` where none was presented. Not over HTTP/2.
 */
export function presentedCertificateOf(bearer: PeerBearer): Uint8Array | undefined {
  return chainOf(bearer)?.leaf;
}

/** The same with what came beside it, as far as the runtime exposes that, the leaf first; empty where none was presented. */
export function presentedCertificatesOf(bearer: PeerBearer): readonly Uint8Array[] {
  const chain = chainOf(bearer);
  return chain === undefined ? [] : [chain.leaf, ...chain.others()];
}

function chainOf(bearer: PeerBearer): PresentedChain | undefined {
  const socket: unknown = 'socket' in bearer ? bearer.socket : bearer;
  return socket instanceof TLSSocket ? presentedChain(socket) : undefined;
}
