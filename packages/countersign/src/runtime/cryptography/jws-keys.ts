/** Public keys as JWK (RFC 7517), and signatures of JWS by them (RFC 7518, 3; RFC 8037): node:crypto's, at the parameters that the algorithm fixes. */
import { constants, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import type { JsonObject, JwsAlgorithm } from '../../identity/bound-tokens/index.ts';
import { sha256Hex } from './hashes.ts';

export interface JwsKey {
  readonly keyId: string | undefined;
  /** What it may be used with: those of its kind, or the one that it names. */
  readonly algorithms: readonly JwsAlgorithm[];
  /** The same for the same key, name and algorithms. */
  readonly identity: string;
  verify(algorithm: JwsAlgorithm, signed: string, signature: Uint8Array): boolean;
}

interface Scheme {
  readonly digest: string | null;
  readonly options: { readonly dsaEncoding?: 'ieee-p1363'; readonly padding?: number; readonly saltLength?: number };
}

const ecdsa = (digest: string): Scheme => ({ digest, options: { dsaEncoding: 'ieee-p1363' } });
/** RFC 7518, 3.5: the salt is as long as the hash. */
const pss = (digest: string, saltLength: number): Scheme => ({
  digest,
  options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
});
const edwards: Scheme = { digest: null, options: {} };

const schemes: Readonly<Record<JwsAlgorithm, Scheme>> = {
  ES256: ecdsa('sha256'),
  ES384: ecdsa('sha384'),
  ES512: ecdsa('sha512'),
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  EdDSA: edwards,
  Ed25519: edwards,
};

const ofKind: ReadonlyMap<string, readonly JwsAlgorithm[]> = new Map([
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['RSA', ['PS256', 'PS384', 'PS512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
]);

/** Bits; below, FAPI 2.0, 5.4.1 forbids it; above, one verification takes milliseconds. */
const leastRsaBits = 2048;
const mostRsaBits = 8192;
const leastRsaExponent = 65537n;

const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const;

/** Whether a JWK holds more than a public key: what its owner should never have published. */
export function isSecretJwk(jwk: JsonObject): boolean {
  return jwk['kty'] === 'oct' || secretMembers.some((name) => Object.hasOwn(jwk, name));
}

/** The key, or `undefined` where it is none that verifies signatures here: another kind, another use, too short, a point off its curve. */
export function parseJwsKey(jwk: JsonObject): JwsKey | undefined {
  const algorithms = algorithmsOf(jwk);
  const keyId = jwk['kid'];
  if (algorithms.length === 0 || isSecretJwk(jwk) || (keyId !== undefined && typeof keyId !== 'string'))
    return undefined;
  const key = load(jwk);
  if (key === undefined) return undefined;
  const spki = sha256Hex(key.export({ format: 'der', type: 'spki' }));
  return {
    keyId,
    algorithms,
    identity: JSON.stringify([keyId, algorithms, spki]),
    verify: (algorithm, signed, signature) =>
      algorithms.includes(algorithm) && verifyJws(key, algorithm, signed, signature),
  };
}

function algorithmsOf({ kty, crv, alg, use, key_ops: operations }: JsonObject): readonly JwsAlgorithm[] {
  if (use !== undefined && use !== 'sig') return [];
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return [];
  const fitting = ofKind.get([kty, ...(crv === undefined ? [] : [crv])].join(' ')) ?? [];
  return alg === undefined ? fitting : fitting.filter((one) => one === alg);
}

function load({ kty, crv, x, y, n, e }: JsonObject): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: { kty, crv, x, y, n, e } as JsonWebKey, format: 'jwk' });
    const { modulusLength: bits = leastRsaBits, publicExponent: exponent = leastRsaExponent } =
      key.asymmetricKeyDetails ?? {};
    return bits >= leastRsaBits && bits <= mostRsaBits && exponent >= leastRsaExponent ? key : undefined;
  } catch {
    return undefined;
  }
}

function verifyJws(key: KeyObject, algorithm: JwsAlgorithm, signed: string, signature: Uint8Array): boolean {
  const { digest, options } = schemes[algorithm];
  try {
    return verify(digest, Buffer.from(signed, 'latin1'), { key, ...options }, signature);
  } catch {
    return false;
  }
}
