/** From a request, stream, session or socket of an endpoint to the verified peer at its other end. */
import { IncomingMessage } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../../../ground/errors/index.ts';
import type { VerifiedPeer } from '../peer/verified-peer.ts';
import { remoteOf } from '../remote.ts';
import type { Gate } from '../trust/gate.ts';

export type PeerOutcome = { readonly peer: VerifiedPeer } | { readonly refusal: Refusal };

export type PeerBearer = IncomingMessage | Http2ServerRequest | ServerHttp2Stream | ServerHttp2Session | TLSSocket;

const outcomes = new WeakMap<object, PeerOutcome>();
const gates = new WeakMap<object, Gate>();

/**
 * For the servers of this room alone; not published by the door.
 * @param bearer the socket, or the session or stream of HTTP/2, whose sockets are proxies that stand for nothing here
 * @param gate with a peer
 */
export function rememberOutcome(bearer: object, outcome: PeerOutcome, gate?: Gate): void {
  outcomes.set(bearer, outcome);
  if (gate !== undefined) gates.set(bearer, gate);
}

/**
 * Whether who is at the other end may still be served, for who has waited for something since a request came: a connection may have to go whose turn to be
 * closed has not come. Who showed no certificate that counts passes.
 * @param carrier the socket, or the session of HTTP/2
 */
export function stillPasses(carrier: object): boolean {
  return gates.get(carrier)?.passes() !== false;
}

/** The peer that sent this. @throws CS-PEER-001 where it presented no certificate, or the refusal of the one it did */
export function peerOf(bearer: PeerBearer): VerifiedPeer {
  const outcome = optionalPeerOf(bearer);
  if (outcome === undefined) throw new Refusal('CS-PEER-001', { address: addressOf(bearer) });
  if ('refusal' in outcome) throw outcome.refusal;
  return outcome.peer;
}

/**
 * For servers with `clientCertificate: 'optional'`: the peer, or why the certificate that it presented does not count,
 * or `undefined` where it presented none.
 */
export function optionalPeerOf(bearer: PeerBearer): PeerOutcome | undefined {
  // The most frequent, of which nothing is remembered but by its socket.
  if (bearer instanceof IncomingMessage) return outcomes.get(bearer.socket);
  const own = outcomes.get(bearer);
  if (own !== undefined) return own;
  // What carries it, the nearest first.
  if ('stream' in bearer) return outcomeOf(bearer.stream) ?? outcomeOf(bearer.stream.session);
  if ('session' in bearer) return outcomeOf(bearer.session);
  return 'socket' in bearer ? outcomeOf(bearer.socket) : undefined;
}

function outcomeOf(carrier: object | undefined): PeerOutcome | undefined {
  return carrier === undefined ? undefined : outcomes.get(carrier);
}

/** The sockets of HTTP/2 are proxies that throw once they are closed. */
function addressOf(bearer: PeerBearer): string {
  if (bearer instanceof Socket) return remoteOf(bearer).address;
  return bearer instanceof IncomingMessage ? remoteOf(bearer.socket).address : 'not known';
}
