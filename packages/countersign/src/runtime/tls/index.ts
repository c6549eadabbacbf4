/**
 * TLS endpoints that authenticate both sides. Start with `createServer`, `createDispatcher` (undici) or `connect`; each takes first the
 * policy that says who the peer may be, and a `Trust` that all endpoints of a workload share. Absent on purpose: a default policy,
 * session resumption, renegotiation, retries, HTTP/2, and any way to switch verification off.
 */
export type {
  ClientOptions,
  Destination,
  MutualClientOptions,
  ServerAuthenticationOnlyOptions,
} from './client-options.ts';
export { connect, connectWithoutCredential, type Connected } from './connect.ts';
export { ConnectionIndex, type IndexedConnection } from './connection-index.ts';
export type { CrowdLimits } from './crowd.ts';
export { createDispatcher } from './create-dispatcher.ts';
export { createHttpsAgent } from './create-https-agent.ts';
export { createServer } from './create-server.ts';
export {
  type BundleSource,
  type Credential,
  credentialExpiry,
  type CredentialSource,
  type RevocationSource,
} from './credential.ts';
export { refuseHostileEnvironment } from './environment.ts';
export type { Listening, MutualTlsServer } from './mutual-tls-server.ts';
export { createPeerVerifier, type PeerVerifier, type PeerVerifierOptions } from './peer-verifier.ts';
export type { Remote } from './remote.ts';
export { optionalPeerOf, peerOf, type PeerOutcome } from './request-peers.ts';
export type { RequestHandler, ServerOptions } from './server-options.ts';
export { fixedSource, MutableSource, type Source } from './source.ts';
export { Trust, type TrustOptions } from './trust.ts';
export { isVerifiedPeer, type VerifiedPeer } from './verified-peer.ts';
