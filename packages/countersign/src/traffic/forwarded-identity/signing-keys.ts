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
  /** What an earlier run has left. */
  readonly kept?: KeptKeys | undefined;
  /** There are other keys than before: to be kept for the next run. */
  readonly onChange?: (keys: KeptKeys) => void;
}

/** As one run leaves them to the next. */
export interface KeptKeys {
  readonly former?: PrivateKey | undefined;
  readonly current: PrivateKey;
  readonly next: PrivateKey;
  /** Since when `current` signs, milliseconds since 1970. */
  readonly sinceMs: number;
}

interface Held extends SigningKey {
  readonly jwk: IdentityJwk;
}

const dayMs = 86_400_000;

/** In memory alone, unless the owner keeps them: a gateway that starts anew signs with new keys then, which programs have to ask for. */
export function rotatingKeys(options: RotatingKeysOptions): SigningKeys {
  const { clock, type = 'P-256', rotateEveryMs = dayMs, kept, onChange } = options;
  const make = (): Held => held(generatePrivateKey(type));
  // What was signed lives for a minute: one key back is enough.
  let keys: HeldKeys =
    kept === undefined
      ? { current: make(), next: make() }
      : { former: kept.former && held(kept.former), current: held(kept.current), next: held(kept.next) };
  const age = kept === undefined ? 0 : Math.max(0, clock.now() - kept.sinceMs);
  let since = clock.monotonic() - age;
  const tell = (): void => {
    const { former, current, next } = keys;
    onChange?.({
      former: former?.privateKey,
      current: current.privateKey,
      next: next.privateKey,
      sinceMs: clock.now() - (clock.monotonic() - since),
    });
  };
  if (kept === undefined) tell();
  const upToDate = (): HeldKeys => {
    if (clock.monotonic() - since >= rotateEveryMs) {
      since = clock.monotonic();
      keys = { former: keys.current, current: keys.next, next: make() };
      tell();
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

interface HeldKeys {
  readonly former?: Held | undefined;
  readonly current: Held;
  readonly next: Held;
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
