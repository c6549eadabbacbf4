/** Signed tokens (JWT, RFC 9068), verified with the keys of their issuer, and remembered. */
import { Refusal } from '../../ground/errors/index.ts';
import {
  type CompactJws,
  type JwsAlgorithm,
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

export interface SignedTokensOptions {
  /** Of those that are understood at all, the ones that this issuer uses; default all. */
  readonly algorithms?: readonly JwsAlgorithm[];
}

export function signedTokens(keys: KeySource, { algorithms }: SignedTokensOptions = {}): TokenSource {
  const recent = new Recent<Remembered>(mostRememberedTokens);
  return {
    claimsOf: (token, thumbprint) => {
      const memory = memoryKey(token, thumbprint);
      const known = recent.get(memory);
      if (known !== undefined && keys.holds(known.key)) return known.claims;
      recent.delete(memory);
      const jws = parseCompactJws(token);
      if (algorithms?.includes(jws.algorithm) === false)
        throw new Refusal('CS-BEARER-006', { algorithm: jws.algorithm });
      const believe = (key: JwsKey): TokenClaims => {
        const claims = verifiedClaims(jws, key);
        recent.set(memory, { claims, key });
        return claims;
      };
      const key = keys.keyFor(jws);
      return key instanceof Promise ? key.then(believe) : believe(key);
    },
  };
}

function verifiedClaims({ algorithm, keyId, signed, signature, payload }: CompactJws, key: JwsKey): TokenClaims {
  if (!key.verify(algorithm, signed, signature)) throw new Refusal('CS-BEARER-008', { keyId: keyId ?? 'none named' });
  // Nothing of it is read before: what is not signed is nobody's word.
  const claims = parseStrictObject(payload);
  if (claims === undefined)
    throw new Refusal('CS-BEARER-005', { rule: 'its claims are a JSON object that names no member twice' });
  return readJwtClaims(claims);
}
