/** Certificate-bound access tokens (RFC 8705): what a token must say for the peer of this very connection, and what a refused caller is answered. */
export { bearerAnswer, type BearerAnswer } from './bearer-answer.ts';
export { type BoundTokenQuestion, checkBoundToken } from './check-bound-token.ts';
export { type CompactJws, type JwsAlgorithm, jwsAlgorithms, parseCompactJws } from './compact-jws.ts';
export { mostTokenCharacters, presentedToken, type PresentedCredentials } from './presented-token.ts';
export {
  isRegisteredNameKind,
  type RegisteredName,
  registeredName,
  type RegisteredNameKind,
  registeredNameKinds,
  type RegisteredPeer,
} from './registered-name.ts';
export { isJsonObject, type JsonObject, parseStrictObject } from './strict-json.ts';
export { type Binding, readClaims, readJwtClaims, type TokenClaims } from './token-claims.ts';
export {
  type BoundPeer,
  requireRouteRules,
  requireTokenRules,
  type RouteRules,
  type TokenRules,
} from './token-rules.ts';
