/** Public keys of signed identities as JWK (RFC 7517, 7638), and signatures in the form that JWS has (RFC 7518, 3.4; RFC 8037). */
import {
  concatBytes,
  DerReader,
  encodeInteger,
  encodeSequence,
  fromBase64Url,
  fromHex,
  readPositiveIntegerHex,
  tags,
  toBase64Url,
} from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { parsePublicKeyInfo, type PublicKeyInfo } from '../../identity/x509/index.ts';
import { type PrivateKey, sha256, verifySignature } from '../../runtime/cryptography/index.ts';

export type IdentityAlgorithm = 'ES256' | 'EdDSA';

/** As a set of them is published: what every library of JOSE reads. */
export interface IdentityJwk {
  readonly kty: 'EC' | 'OKP';
  readonly crv: 'P-256' | 'Ed25519';
  readonly x: string;
  readonly y?: string;
  readonly kid: string;
  readonly alg: IdentityAlgorithm;
  readonly use: 'sig';
}

export interface IdentityKey {
  readonly keyId: string;
  readonly algorithm: IdentityAlgorithm;
  readonly publicKey: PublicKeyInfo;
}

/** SubjectPublicKeyInfo up to the point: an uncompressed one of P-256 (RFC 5480), one of Ed25519 (RFC 8410). */
const p256Head = fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004') ?? new Uint8Array();
const ed25519Head = fromHex('302a300506032b6570032100') ?? new Uint8Array();
const coordinate = 32;

/** @throws TypeError for a key of another kind */
export function identityJwk({ publicKey }: PrivateKey): IdentityJwk {
  const { type, key } = publicKey;
  if (type === 'P-256') {
    const [x, y] = [toBase64Url(key.subarray(1, 1 + coordinate)), toBase64Url(key.subarray(1 + coordinate))];
    const kid = hashOf(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`);
    return { kty: 'EC', crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' };
  }
  if (type !== 'Ed25519') throw new TypeError('identities are signed with a key of P-256 or Ed25519');
  const x = toBase64Url(key);
  return {
    kty: 'OKP',
    crv: 'Ed25519',
    x,
    kid: hashOf(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`),
    alg: 'EdDSA',
    use: 'sig',
  };
}

/** RFC 7638: of the members that make the key, in their order. */
function hashOf(canonical: string): string {
  return toBase64Url(sha256(new TextEncoder().encode(canonical)));
}

/** @returns `undefined` for what is no public key of ours; its owner may publish others beside it */
export function parseIdentityJwk(jwk: unknown): IdentityKey | undefined {
  if (typeof jwk !== 'object' || jwk === null) return undefined;
  const { kty, crv, x, y, kid, d } = jwk as Readonly<Record<string, unknown>>;
  if (typeof kid !== 'string' || typeof x !== 'string' || d !== undefined) return undefined;
  const point = [fromBase64Url(x), typeof y === 'string' ? fromBase64Url(y) : new Uint8Array()] as const;
  if (point[0]?.length !== coordinate) return undefined;
  if (kty === 'EC' && crv === 'P-256' && point[1]?.length === coordinate)
    return keyOf(kid, 'ES256', concatBytes([p256Head, point[0], point[1]]));
  return kty === 'OKP' && crv === 'Ed25519' ? keyOf(kid, 'EdDSA', concatBytes([ed25519Head, point[0]])) : undefined;
}

function keyOf(keyId: string, algorithm: IdentityAlgorithm, spki: Uint8Array): IdentityKey | undefined {
  try {
    return { keyId, algorithm, publicKey: parsePublicKeyInfo(spki) };
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

export function signJws(key: PrivateKey, signed: Uint8Array): Uint8Array {
  const signature = key.sign(signed);
  return key.type === 'Ed25519' ? signature : fixedLength(signature);
}

export function verifyJws({ algorithm, publicKey }: IdentityKey, signed: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 2 * coordinate) return false;
  if (algorithm === 'EdDSA') return verifySignature(publicKey, 'Ed25519', signed, signature);
  const der = encodeSequence(
    encodeInteger(signature.subarray(0, coordinate)),
    encodeInteger(signature.subarray(coordinate)),
  );
  return verifySignature(publicKey, 'ecdsa-with-SHA256', signed, der);
}

/** r and s of X.509's DER, each in 32 octets. */
function fixedLength(der: Uint8Array): Uint8Array {
  const pair = DerReader.over(der).enter(tags.sequence);
  const digits = [readPositiveIntegerHex(pair), readPositiveIntegerHex(pair)].map((hex) =>
    hex.slice(-2 * coordinate).padStart(2 * coordinate, '0'),
  );
  const fixed = fromHex(digits.join(''));
  if (fixed === undefined) throw new TypeError('a signature of ECDSA is two numbers');
  return fixed;
}
