/**
 * Access tokens for machines, each bound to the certificate by which it was asked for (RFC 8705): `TokenIssuer` and `createTokenServer`. Absent on purpose:
 * client secrets, refresh tokens, tokens that are bound to nothing, and addresses that a client could have fetched (jwks_uri).
 */
export type { Grants, TokenClient } from './client-registration.ts';
export { readTokenClient } from './client-registration.ts';
export { type AddedClients, ClientSet, type IdentityGrant } from './client-set.ts';
export { createTokenServer } from './create-token-server.ts';
export type { ResourceServer } from './introspect.ts';
export type { TokenClientBook, TokenClientRecord } from './token-client-book.ts';
export { type AddedClient, TokenClients, type TokenClientsOptions } from './token-clients.ts';
export { longestTokenMs, tokenFolder, tokenKeysFolder } from './token-life.ts';
export { openRevokedTokens, type RevokedTokens } from './revoked-tokens.ts';
export { type TokenEvent, TokenIssuer, type TokenIssuerOptions } from './token-issuer.ts';
export { type SigningAlgorithm, TokenKeys, type TokenKeysOptions } from './token-keys.ts';
