/**
 * Frameworks: Express, Fastify, Hono and gRPC put the `VerifiedPeer` where their users look for it, and let nobody go on without one.
 * They enter by their shape: none is a dependency. The server is `createServer` of `countersign/tls`; only gRPC has one of its own.
 */
export { expressPeer, type ExpressMiddleware } from './express-peer.ts';
export { expressToken } from './express-token.ts';
export {
  type FastifyHook,
  type FastifyLike,
  fastifyPeer,
  type FastifyReplyLike,
  type FastifyRequestLike,
  fastifyRequirePeer,
} from './fastify-peer.ts';
export { type FastifyAsyncHook, fastifyRequireToken } from './fastify-token.ts';
export { createGrpcCredentials, type GrpcClientLike } from './grpc-credentials.ts';
export {
  type ConnectionInjectorLike,
  createGrpcServer,
  type GrpcCallLike,
  type GrpcLike,
  type GrpcOptions,
  type GrpcServerLike,
  type MutualTlsGrpcServer,
  peerOfCall,
  requirePeerOfCall,
} from './grpc-server.ts';
export { type HonoContextLike, honoPeer, type HonoMiddleware, type PeerVariables } from './hono-peer.ts';
export { type HonoTokenContextLike, honoToken, type HonoTokenMiddleware, type TokenVariables } from './hono-token.ts';
export {
  type OidcContextLike,
  type OidcMutualTls,
  type OidcMutualTlsOptions,
  oidcProviderMutualTls,
} from './oidc-provider-mutual-tls.ts';
export { tokenHandler } from './token-handler.ts';
