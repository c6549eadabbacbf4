/** Who gets a first certificate, and who gets the next one: tokens, renewal, renewal after expiry. */
export type { TokenClaim, TokenRecord, TokenVault } from './token-vault.ts';
