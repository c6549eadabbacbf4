/** The keys with which identities are signed: made here and exchanged by themselves, or given; the next is published before it signs. */
import type { Clock } from '../../ground/clock/index.ts';
import { generatePrivateKey, type PrivateKey } from '../../runtime/cryptography/index.ts';
import { type IdentityAlgorithm, type IdentityJwk, identityJwk } from './jws-key.ts';

export interface SigningKey {
  readonly keyId: string;
  readonly algorithm: IdentityAlgorithm;
  readonly privateKey: PrivateKey;
}

export interface SigningKeys {
  /** The one that signs now. */
  current(): SigningKey;
  /** For everybody: those that sign, have signed what may still be valid, or will sign next. */
  jwks(): { readonly keys: readonly IdentityJwk[] };
}

export interface RotatingKeysOptions {
  readonly clock: Clock;
  /** Default P-256, which every library verifies. */
  readonly type?: 'P-256' | 'Ed25519';
  /** How long one signs. Default 24 hours. Programs must ask for the set more often than that. */
  readonly rotateEveryMs?: number;
}

interface Held extends SigningKey {
  readonly jwk: IdentityJwk;
}

const dayMs = 86_400_000;

/** In memory alone: a gateway that starts anew signs with new keys, so programs ask for the set again when a key is not known to them. */
export function rotatingKeys({ clock, type = 'P-256', rotateEveryMs = dayMs }: RotatingKeysOptions): SigningKeys {
  const make = (): Held => held(generatePrivateKey(type));
  // What was signed lives for a minute: one key back is enough.
  let keys: { readonly former?: Held; readonly current: Held; readonly next: Held } = { current: make(), next: make() };
  let since = clock.monotonic();
  const upToDate = (): typeof keys => {
    if (clock.monotonic() - since >= rotateEveryMs) {
      since = clock.monotonic();
      keys = { former: keys.current, current: keys.next, next: make() };
    }
    return keys;
  };
  return {
    current: () => upToDate().current,
    jwks: () => {
      const { former, current, next } = upToDate();
      return { keys: [current, next, ...(former === undefined ? [] : [former])].map(({ jwk }) => jwk) };
    },
  };
}

/** For gateways that must sign with the same keys, workers of one among them. @param keys the first signs, all are published */
export function givenKeys(keys: readonly [PrivateKey, ...PrivateKey[]]): SigningKeys {
  const [first, ...others] = keys;
  const current = held(first);
  const all = [current, ...others.map(held)].map(({ jwk }) => jwk);
  return { current: () => current, jwks: () => ({ keys: all }) };
}

function held(privateKey: PrivateKey): Held {
  const jwk = identityJwk(privateKey);
  return { keyId: jwk.kid, algorithm: jwk.alg, privateKey, jwk };
}
