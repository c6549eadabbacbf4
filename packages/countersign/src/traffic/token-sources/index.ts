/**
 * Access tokens of a resource: the keys of their issuer or its introspection, fetched within bounds and remembered, and `createTokenCheck`, which takes a
 * token only from the peer whose certificate it is bound to. Absent on purpose: keys that a token itself names, HMAC, and redirections.
 */
export { introspectedTokens, type IntrospectionOptions } from './introspected-tokens.ts';
export { issuerAddress } from './bounded-answer.ts';
export { fixedKeys, type KeySource } from './key-source.ts';
export type { KeyQuestion } from './key-set.ts';
export { presentedIn, type RequestLike } from './presented-in.ts';
export { RemoteKeys, type RemoteKeysOptions } from './remote-keys.ts';
export { signedTokens, type SignedTokensOptions } from './signed-tokens.ts';
export {
  createPromptTokenCheck,
  createTokenCheck,
  type PromptTokenCheck,
  type TokenCheck,
  type TokenCheckOptions,
} from './token-check.ts';
export type { TokenSource } from './token-source.ts';
