/** The public keys of an issuer (RFC 7517, 5), read as a whole or not at all, and which of them a token means. */
import { isJsonObject, type JsonObject } from '../../identity/bound-tokens/index.ts';
import type { CompactJws } from '../../identity/bound-tokens/index.ts';
import { isSecretJwk, type JwsKey, parseJwsKey } from '../../runtime/cryptography/index.ts';

/** Keys of one issuer: those in use, the next and the last ones. Own choice. */
const mostKeys = 100;

/** Why a set of keys is not acceptable. */
export class BadKeySet extends Error {}

export type KeyQuestion = Pick<CompactJws, 'algorithm' | 'keyId'>;

export class KeySet {
  readonly #keys: readonly JwsKey[];
  readonly #members: ReadonlySet<JwsKey>;

  constructor(keys: readonly JwsKey[]) {
    this.#keys = keys;
    this.#members = new Set(keys);
  }

  /** A token without the name of its key is believed where one key alone fits (RFC 7515, D). */
  find({ algorithm, keyId }: KeyQuestion): JwsKey | undefined {
    const fitting = this.#keys.filter(
      (key) => key.algorithms.includes(algorithm) && (keyId === undefined || key.keyId === keyId),
    );
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /** Whether a key of this name is there, though for other algorithms. */
  hasName(keyId: string | undefined): boolean {
    return keyId !== undefined && this.#keys.some((key) => key.keyId === keyId);
  }

  holds(key: JwsKey): boolean {
    return this.#members.has(key);
  }

  /** @param before whose keys stay the same objects where they are the same keys, so that what they verified stays verified */
  static parse(document: JsonObject, before?: KeySet): KeySet {
    const { keys: jwks } = document;
    if (!Array.isArray(jwks)) throw new BadKeySet('without a list of keys');
    if (jwks.length > mostKeys) throw new BadKeySet(`more than ${mostKeys} keys`);
    if (!jwks.every(isJsonObject)) throw new BadKeySet('a key is not an object');
    // Whoever read the set can sign as the issuer: no key beside it is believed either.
    if (jwks.some(isSecretJwk)) throw new BadKeySet('a private or secret key is in it');
    const known = new Map((before === undefined ? [] : before.#keys).map((key) => [key.identity, key]));
    const keys = new Map<string, JwsKey>();
    for (const jwk of jwks) {
      const key = parseJwsKey(jwk);
      if (key !== undefined) keys.set(key.identity, known.get(key.identity) ?? key);
    }
    if (keys.size === 0) throw new BadKeySet('none of its keys can be used');
    return new KeySet([...keys.values()]);
  }
}
