/** Signed tokens (JWT, RFC 9068), verified with the keys of their issuer, and remembered. */
import { Refusal } from '../../ground/errors/index.ts';
import {
  parseCompactJws,
  parseStrictObject,
  readJwtClaims,
  type TokenClaims,
} from '../../identity/bound-tokens/index.ts';
import type { JwsKey } from '../../runtime/cryptography/index.ts';
import type { KeySource } from './key-source.ts';
import { Recent } from './recent.ts';
import { memoryKey, mostRememberedTokens, type TokenSource } from './token-source.ts';

interface Remembered {
  readonly claims: TokenClaims;
  /** By which it was verified; it counts as long as the issuer has it. */
  readonly key: JwsKey;
}

export function signedTokens(keys: KeySource): TokenSource {
  const recent = new Recent<Remembered>(mostRememberedTokens);
  return {
    claimsOf: (token, thumbprint) => {
      const memory = memoryKey(token, thumbprint);
      const known = recent.get(memory);
      if (known !== undefined && keys.holds(known.key)) return known.claims;
      recent.delete(memory);
      return verified(token, keys, (entry) => recent.set(memory, entry));
    },
  };
}

async function verified(token: string, keys: KeySource, remember: (entry: Remembered) => void): Promise<TokenClaims> {
  const jws = parseCompactJws(token);
  const key = await keys.keyFor(jws);
  if (!key.verify(jws.algorithm, jws.signed, jws.signature))
    throw new Refusal('CS-BEARER-008', { keyId: jws.keyId ?? 'none named' });
  // Nothing of it is read before: what is not signed is nobody's word.
  const payload = parseStrictObject(jws.payload);
  if (payload === undefined)
    throw new Refusal('CS-BEARER-005', { rule: 'its claims are a JSON object that names no member twice' });
  const claims = readJwtClaims(payload);
  remember({ claims, key });
  return claims;
}
