/** Public keys as data: kind, size, fingerprints, and the numbers of an RSA key. */
import { DerReader, fromHex, readObjectIdentifier, tags, toBase64, toHex } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { isKeyType, type PublicKeyInfo } from '../../identity/x509/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';

export interface PublicKeyData {
  readonly type: string;
  /** 0 where the type has one size alone or is not known. */
  readonly bits: number;
  readonly oid: string;
  /** What a key of type `other` is, where it is met now and then: "secp256k1". */
  readonly name: string | null;
  /** Of SubjectPublicKeyInfo. */
  readonly sha256: string;
  /** The same in base64, as pins are written (RFC 7469, 2.4). */
  readonly pin: string;
  readonly modulus: string | null;
  readonly exponent: string | null;
  /** Of the BIT STRING subjectPublicKey. */
  readonly octets: string;
}

export function describeKey(key: PublicKeyInfo): PublicKeyData {
  const sha256 = sha256Hex(key.raw);
  const rsa = key.type === 'RSA' || key.type === 'RSA-PSS' ? rsaNumbers(key.key) : undefined;
  return {
    type: key.type,
    bits: key.bits,
    oid: key.oid,
    name: key.type === 'other' ? (otherKeys.get(curveOf(key) ?? key.oid) ?? null) : null,
    sha256,
    pin: toBase64(fromHex(sha256) ?? new Uint8Array()),
    modulus: rsa?.modulus ?? null,
    exponent: rsa?.exponent ?? null,
    octets: toHex(key.key),
  };
}

/** "RSA, 2048 bits"; "P-256". */
export function keyWords({ type, bits, name, oid }: Pick<PublicKeyData, 'type' | 'bits' | 'name' | 'oid'>): string {
  if (type === 'RSA' || type === 'RSA-PSS') return `${type}, ${bits} bits`;
  return type === 'other' ? (name ?? `of a kind not known here (${oid})`) : type;
}

/** What is wrong with a key of this kind, if anything. */
export function keyRemark(key: PublicKeyInfo): string | undefined {
  const { type, bits } = key;
  if ((type === 'RSA' || type === 'RSA-PSS') && bits < leastRsaBits) {
    return `weak key: RSA of ${bits} bits; ${leastRsaBits} at least are accepted`;
  }
  if (type === 'DSA') return 'a DSA key, which nobody issues any more; refused here';
  return isKeyType(type) || type === 'RSA-PSS' ? undefined : `a key of a kind that is not used here`;
}

/** NIST SP 800-131A. */
const leastRsaBits = 2048;

const otherKeys: ReadonlyMap<string, string> = new Map([
  ['1.3.132.0.10', 'secp256k1'],
  ['1.3.132.0.33', 'P-224'],
  ['1.2.840.10045.3.1.1', 'P-192'],
  ['1.3.36.3.3.2.8.1.1.7', 'brainpoolP256r1'],
  ['1.3.36.3.3.2.8.1.1.11', 'brainpoolP384r1'],
  ['1.3.36.3.3.2.8.1.1.13', 'brainpoolP512r1'],
  ['1.3.101.110', 'X25519'],
  ['1.3.101.111', 'X448'],
  ['1.3.101.113', 'Ed448'],
  ['1.2.840.113549.1.3.1', 'Diffie-Hellman'],
]);

/** The namedCurve of an elliptic curve key (RFC 5480, 2.1.1). */
function curveOf({ raw }: PublicKeyInfo): string | undefined {
  try {
    const algorithm = DerReader.over(raw).enter(tags.sequence).enter(tags.sequence);
    readObjectIdentifier(algorithm);
    return algorithm.peek() === tags.objectIdentifier ? readObjectIdentifier(algorithm) : undefined;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** RSAPublicKey (RFC 8017, A.1.1), which reading the key has checked. */
function rsaNumbers(key: Uint8Array): { modulus: string; exponent: string } {
  const fields = DerReader.over(key).enter(tags.sequence);
  const [modulus, exponent] = [fields.contents(tags.integer), fields.contents(tags.integer)];
  return { modulus: toHex(modulus).replace(/^00/, ''), exponent: BigInt(`0x${toHex(exponent)}`).toString() };
}
