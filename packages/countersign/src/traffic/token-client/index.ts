/** The client's side of certificate-bound tokens (RFC 8705): `createTokenDispatcher` gets, keeps and renews them, each with the credential that it is bound to. */
export { createTokenDispatcher } from './create-token-dispatcher.ts';
export type { TokenDispatcherOptions, TokenSettings } from './token-dispatcher-options.ts';
