/** A token that somebody asks about, believed where it is one of our own making. */
import { isRefusal } from '../../ground/errors/index.ts';
import {
  type JsonObject,
  mostTokenCharacters,
  parseCompactJws,
  parseStrictObject,
  readJwtClaims,
  type TokenClaims,
} from '../../identity/bound-tokens/index.ts';
import type { TokenKeys } from './token-keys.ts';

export interface OwnToken {
  readonly claims: TokenClaims;
  readonly all: JsonObject;
  readonly tokenId: string;
}

/** `undefined` where it is none, or no longer: whoever asks is told no more than that (RFC 7662, 2.2). */
export function ownToken(text: string, keys: TokenKeys, issuer: string): OwnToken | undefined {
  if (text.length > mostTokenCharacters) return undefined;
  try {
    const { algorithm, keyId, signed, signature, payload } = parseCompactJws(text);
    if (keys.verifier(keyId)?.verify(algorithm, signed, signature) !== true) return undefined;
    const all = parseStrictObject(payload);
    if (all === undefined || all['iss'] !== issuer || typeof all['jti'] !== 'string') return undefined;
    return { claims: readJwtClaims(all), all, tokenId: all['jti'] };
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
