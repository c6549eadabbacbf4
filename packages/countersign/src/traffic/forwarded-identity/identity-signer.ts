/** Signs who calls, for one request to one upstream: `Countersign-Identity`, a JWT that lives for seconds. */
import type { Clock } from '../../ground/clock/index.ts';
import { toBase64, toBase64Url } from '../../ground/encoding/index.ts';
import { type CheckedCaller, isForwardedPeer, requireChecked } from './forwarded-peer.ts';
import { signJws } from './jws-key.ts';
import { keptForCaller } from './kept-for-caller.ts';
import { type BoundRequest, requestHash } from './request-hash.ts';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

export const identityHeader = 'countersign-identity';
export const identityType = 'countersign-identity+jwt';

export interface IdentitySignerOptions {
  readonly clock: Clock;
  readonly keys: SigningKeys;
  /** Who signs: the gateway's SPIFFE ID. */
  readonly issuer: string;
  /** From one second on. Default 30 s, and no more than a minute: a stolen one is good for the same request until then. */
  readonly lifeMs?: number;
  /** Whether the certificate itself goes along, for who must check it again: another gateway. Default false. */
  readonly certificate?: boolean;
}

export interface SignedFor extends BoundRequest {
  /** The upstream's name in the configuration, or its SPIFFE ID. */
  readonly audience: string;
  readonly partner?: string | undefined;
}

export interface IdentitySigner {
  /** The header's value. */
  sign(caller: CheckedCaller, request: SignedFor): string;
}

const longestLifeMs = 60_000;
const defaultLifeMs = 30_000;

/** The same request of the same caller is signed once in this time: a signature costs as much as all the rest of a relayed request. Own choice. */
const signedAgainAfterMs = 5_000;

/** Signatures remembered for one caller. Own choice: 1 KiB each. */
const mostRemembered = 64;

interface Signed {
  readonly value: string;
  readonly at: number;
  readonly key: SigningKey;
}

/** @throws TypeError for a life that is none or too long */
export function identitySigner(options: IdentitySignerOptions): IdentitySigner {
  const { clock, keys, issuer, lifeMs = defaultLifeMs, certificate = false } = options;
  if (!(lifeMs >= 1_000 && lifeMs <= longestLifeMs))
    throw new TypeError('a signed identity lives for a second to a minute');
  const againAfterMs = Math.min(signedAgainAfterMs, lifeMs / 3);
  const rememberedOf = keptForCaller(() => new Map<string, Signed>());
  return {
    sign: (caller, request) => {
      requireChecked(caller);
      const key = keys.current();
      const now = clock.monotonic();
      const remembered = rememberedOf(caller);
      const question = `${request.audience}\n${request.partner ?? ''}\n${request.method}\n${request.host}\n${request.target}`;
      const known = remembered.get(question);
      if (known?.key === key && now - known.at < againAfterMs) return known.value;
      const issuedAt = Math.floor(clock.now() / 1_000);
      const value = signed(key, {
        iss: issuer,
        aud: request.audience,
        iat: issuedAt,
        exp: issuedAt + Math.ceil(lifeMs / 1_000),
        ...claimsOf(caller),
        ...(request.partner === undefined ? {} : { partner: request.partner }),
        req: requestHash(request),
        ...(certificate ? { crt: toBase64(caller.certificate) } : {}),
      });
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(question, { value, at: now, key });
      return value;
    },
  };
}

const claimsOf = keptForCaller((caller) => ({
  sub: caller.name,
  ...(caller.spiffeId === undefined ? {} : { spiffe_id: caller.spiffeId }),
  ...(caller.dnsNames.length === 0 ? {} : { dns: caller.dnsNames }),
  ...(caller.uris.length === 0 ? {} : { uris: caller.uris }),
  cnf: { 'x5t#S256': caller.thumbprint },
  // Who held the key is then that proxy's word.
  ...(isForwardedPeer(caller) ? { via: caller.proxy.name } : {}),
}));

function signed({ keyId, algorithm, privateKey }: SigningKey, claims: object): string {
  const head = encoded({ alg: algorithm, typ: identityType, kid: keyId });
  const text = `${head}.${encoded(claims)}`;
  return `${text}.${toBase64Url(signJws(privateKey, new TextEncoder().encode(text)))}`;
}

function encoded(value: object): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(value)));
}
