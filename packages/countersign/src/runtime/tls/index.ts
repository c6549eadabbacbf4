/**
 * TLS endpoints that authenticate both sides. Start with `createServer` or `createHttp2Server`, `createFetch` or `connect`; `armServer` and
 * `armAgent` are the door for who has a server or an agent already; each takes first the
 * policy that says who the peer may be, and a `Trust` that all endpoints of a workload share. Absent on purpose: a default policy,
 * session resumption, renegotiation, retries, and any way to switch verification off.
 */
export type {
  ClientOptions,
  Destination,
  MutualClientOptions,
  ServerAuthenticationOnlyOptions,
} from './client/client-options.ts';
export { connect, connectWithoutCredential, type Connected } from './client/connect.ts';
export { ConnectionIndex, type IndexedConnection } from './trust/connection-index.ts';
export type { CrowdLimits } from './server/crowd.ts';
export { armAgent } from './client/arm-agent.ts';
export type { Armed } from './client/armed.ts';
export { connectHttp2, type ConnectedHttp2 } from './client/connect-http2.ts';
export { createDispatcher } from './client/create-dispatcher.ts';
export { createFetch, type MutualFetch } from './client/create-fetch.ts';
export { createHttpsAgent } from './client/create-https-agent.ts';
export { type ArmedServer, armServer } from './server/arm-server.ts';
export {
  createHttp2Server,
  createStreamServer,
  type Http2RequestHandler,
  type StreamServing,
  type UnservedHandlers,
} from './server/create-http2-server.ts';
export type { Unserved } from './server/serving-streams.ts';
export { secureSocket, type SecureSocket } from './client/secure-socket.ts';
export { createServer } from './server/create-server.ts';
export { createTlsServer, type TlsServerOptions, type VerifiedConnection } from './server/create-tls-server.ts';
export {
  type BundleSource,
  type Credential,
  credentialExpiry,
  type CredentialSource,
  type RevocationSource,
} from './context/credential.ts';
export { sharedContext } from './context/context-options.ts';
export type { NamedCredentials } from './context/named-credentials.ts';
export { refuseHostileEnvironment } from './environment.ts';
export { hardenProcess } from './harden-process.ts';
export type { Listening, MutualTlsServer, TakingServer } from './server/mutual-tls-server.ts';
export { presentedCertificateOf, presentedCertificatesOf } from './server/presented-certificate.ts';
export type { PolicyOrSource } from './peer/policy-source.ts';
export { createPeerVerifier, type PeerVerifier, type PeerVerifierOptions } from './peer/peer-verifier.ts';
export { keyOfIssuer } from './peer/key-of-issuer.ts';
export { type Looking, lookOrWait } from './peer/look-or-wait.ts';
export { type PresentedChain, presentedChain } from './peer/presented-chain.ts';
export { keepStaple, stapleOf } from './client/stapled.ts';
export type { Remote } from './remote.ts';
export { optionalPeerOf, type PeerBearer, peerOf, type PeerOutcome, stillPasses } from './server/request-peers.ts';
export type { RequestHandler, ServerOptions, UpgradeHandler } from './server/server-options.ts';
export type { NamedStaples, StapleSource } from './server/staples.ts';
export type { SlowReaderLimits } from './server/slow-readers.ts';
export { certificateRefusal, handshakeRefusal } from './refusals/handshake-refusal.ts';
export { whatCame, type WhatCame } from './refusals/what-came.ts';
export { type Gate, gateReadable } from './trust/gate.ts';
export { observeTrust } from './trust/observe-trust.ts';
export { LiveConnection, type LiveConnectionOptions } from './trust/live-connection.ts';
export { networkOf } from './server/crowd.ts';
export { defaultCrowd } from './server/default-crowd.ts';
export type {
  CertificateStatus,
  StatusChange,
  StatusCheck,
  StatusEvidence,
  StatusQuestion,
} from './trust/status-check.ts';
export { fixedSource, MutableSource, type Source } from './trust/source.ts';
export { tell } from './tell.ts';
export type { RestingConnection } from './trust/resting-connection.ts';
export { Trust } from './trust/trust.ts';
export type { TrustOptions } from './trust/trust-options.ts';
export { isVerifiedPeer, type VerifiedPeer } from './peer/verified-peer.ts';
