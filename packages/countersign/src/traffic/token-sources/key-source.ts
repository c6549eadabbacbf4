/** Where the keys of an issuer come from, as what verifies tokens sees it. */
import { Refusal } from '../../ground/errors/index.ts';
import { isJsonObject, type JsonObject } from '../../identity/bound-tokens/index.ts';
import type { JwsKey } from '../../runtime/cryptography/index.ts';
import { type KeyQuestion, KeySet } from './key-set.ts';

export interface KeySource {
  /** @throws CS-BEARER-006 and -007, and CS-BEARER-018 where no keys are to be had */
  keyFor(question: KeyQuestion): JwsKey | Promise<JwsKey>;
  /** Whether what this key verified still counts: it is one of the issuer's at this moment. */
  holds(key: JwsKey): boolean;
}

/** Keys that never change, as a file has them. @throws TypeError where it is no set of public keys */
export function fixedKeys(jwks: JsonObject): KeySource {
  if (!isJsonObject(jwks)) throw new TypeError('a key set is an object with the member keys');
  let set: KeySet;
  try {
    set = KeySet.parse(jwks);
  } catch (error) {
    throw new TypeError(`not a set of keys: ${error instanceof Error ? error.message : 'malformed'}`, { cause: error });
  }
  return {
    keyFor: (question) => {
      const key = set.find(question);
      if (key === undefined) throw notFound(set, question);
      return key;
    },
    holds: (key) => set.holds(key),
  };
}

export function notFound(set: KeySet, { algorithm, keyId }: KeyQuestion): Refusal {
  if (set.hasName(keyId)) return new Refusal('CS-BEARER-006', { algorithm });
  return new Refusal('CS-BEARER-007', { keyId: keyId ?? 'none named' });
}
