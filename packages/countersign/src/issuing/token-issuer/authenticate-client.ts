/** Which client asks: by the certificate of its very connection, and by nothing that the request says beside client_id (RFC 8705, 2). */
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { parseCertificate } from '../../identity/x509/index.ts';
import { thumbprint } from '../../runtime/cryptography/index.ts';
import type { PeerOutcome, VerifiedPeer } from '../../runtime/tls/index.ts';
import { type Grants, isRegisteredCertificate, keyThumbprint, type TokenClient } from './client-registration.ts';
import type { ClientSet } from './client-set.ts';

/** What came with a request, of its connection. */
export interface Presented {
  readonly outcome: PeerOutcome | undefined;
  /** DER of the leaf whose key was proven, whether or not it counts. */
  readonly certificate: Uint8Array | undefined;
}

/** A client, and what its tokens are bound to. */
export interface AuthenticatedClient extends Grants {
  readonly clientId: string;
  readonly peer: VerifiedPeer | undefined;
  /** `x5t#S256`. */
  readonly thumbprint: string;
  /** Of a self-signed one its key's own (RFC 7638). */
  readonly key?: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface ClientQuestion {
  readonly clientId: string;
  readonly presented: Presented;
  readonly clients: ClientSet;
  readonly now: number;
}

/** @throws CS-OAUTH-003: the same answer whether there is no such client or another's certificate, so that nobody learns who is one */
export function authenticateClient(question: ClientQuestion): AuthenticatedClient {
  const { clientId, clients } = question;
  const client = clients.registered(clientId);
  if (client === undefined) return byIdentity(question);
  if (client.state !== 'active') throw unauthenticated(question, 'the client is suspended');
  return client.authentication.method === 'tls_client_auth'
    ? byRegisteredName(question, client, client.authentication.name)
    : bySelfSigned(question, client, client.authentication.certificates);
}

function byIdentity(question: ClientQuestion): AuthenticatedClient {
  const { clientId, clients } = question;
  const peer = verified(question);
  const grants = clients.byIdentity(clientId, peer);
  if (grants === undefined)
    throw unauthenticated(question, 'no client is registered so, nor is it an identity that needs none');
  return withPeer(clientId, peer, grants);
}

function byRegisteredName(
  question: ClientQuestion,
  client: TokenClient,
  name: Extract<TokenClient['authentication'], { method: 'tls_client_auth' }>['name'],
): AuthenticatedClient {
  const peer = verified(question);
  if (!name.fits(peer)) throw unauthenticated(question, `the certificate has not the registered ${name.kind}`);
  return withPeer(client.clientId, peer, client);
}

/** No path is validated: the certificate is the one that was registered, or it is nothing (RFC 8705, 2.2). */
function bySelfSigned(
  question: ClientQuestion,
  client: TokenClient,
  registered: Extract<TokenClient['authentication'], { method: 'self_signed_tls_client_auth' }>['certificates'],
): AuthenticatedClient {
  const { certificate: der } = question.presented;
  if (der === undefined) throw unauthenticated(question, 'no certificate was presented');
  const { notBefore, notAfter } = readOf(question, der);
  if (!isRegisteredCertificate(registered, der))
    throw unauthenticated(question, 'the certificate is none of those in its jwks');
  // Stricter than the RFC: an end that its owner wrote is meant.
  if (question.now < notBefore || question.now >= notAfter + 1000)
    throw unauthenticated(question, 'the certificate is outside of its time');
  const { clientId, scopes, resources } = client;
  const certificate = { thumbprint: thumbprint(der), key: keyThumbprint(der), notBefore, notAfter };
  return { clientId, scopes, resources, peer: undefined, ...certificate };
}

function readOf(question: ClientQuestion, der: Uint8Array): { notBefore: number; notAfter: number } {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw unauthenticated(question, `the certificate cannot be read: ${error.code}`);
  }
}

function verified(question: ClientQuestion): VerifiedPeer {
  const { outcome } = question.presented;
  if (outcome === undefined) throw unauthenticated(question, 'no certificate was presented');
  if ('refusal' in outcome) throw unauthenticated(question, `the certificate does not count: ${outcome.refusal.code}`);
  return outcome.peer;
}

function withPeer(clientId: string, peer: VerifiedPeer, { scopes, resources }: Grants): AuthenticatedClient {
  const { notBefore } = parseCertificate(peer.certificate);
  return { clientId, scopes, resources, peer, thumbprint: peer.thumbprint, notBefore, notAfter: peer.notAfter };
}

function unauthenticated({ clientId, presented: { outcome } }: ClientQuestion, reason: string): Refusal {
  const peer = outcome !== undefined && 'peer' in outcome ? outcome.peer.name : 'nobody that is verified';
  return new Refusal('CS-OAUTH-003', { client: clientId, peer, reason });
}
