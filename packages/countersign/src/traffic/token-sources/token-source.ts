/** From a token to what it says, on the word of its issuer alone; whether that lets anybody in is decided elsewhere, each time. */
import type { TokenClaims } from '../../identity/bound-tokens/index.ts';
import { sha256HexOfText } from '../../runtime/cryptography/index.ts';

export interface TokenSource {
  /**
   * @param thumbprint of the certificate of the connection on which it came
   * @throws CS-BEARER-005 to -008, -017, and -018 or -019 where the issuer is not to be had
   */
  claimsOf(token: string, thumbprint: string): TokenClaims | Promise<TokenClaims>;
}

/** Tokens remembered; about 2 KB each. Own choice. */
export const mostRememberedTokens = 10_000;

/** What a token is remembered by: never itself, and with the certificate, so that nobody profits from another's. */
export function memoryKey(token: string, thumbprint: string): string {
  return sha256HexOfText(`${thumbprint} ${token}`);
}
