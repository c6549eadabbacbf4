/** Which keys are certified, and for what a key of each type can be used. */
import { Refusal } from '../../ground/errors/index.ts';
import type { KeyType, PublicKeyInfo } from '../../identity/x509/index.ts';
import type { EndEntityKeyUsage, Profile } from './profile.ts';

/** All that any profile may list: what is verified, and signs. */
export const certifiableKeyTypes: readonly KeyType[] = [
  'P-256',
  'P-384',
  'P-521',
  'Ed25519',
  'RSA',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
];

/** Bits of an RSA modulus: 2048 as NIST SP 800-131A asks; 4096, since beyond it each handshake costs more than it protects (own limit). */
const fewestRsaBits = 2048;
const mostRsaBits = 4096;

/** The rule that a key breaks whatever the profile, or `undefined`. */
export function brokenKeyRule({ type, bits }: PublicKeyInfo): string | undefined {
  if (type !== 'RSA' || (bits >= fewestRsaBits && bits <= mostRsaBits)) return undefined;
  return `an RSA key has ${String(fewestRsaBits)} to ${String(mostRsaBits)} bits`;
}

/** Throws CS-PROFILE-002 for a key that the profile does not certify. */
export function requireAllowedKey(key: PublicKeyInfo, profile: Pick<Profile, 'name' | 'keyTypes'>): void {
  const { type, bits, oid } = key;
  const known: readonly string[] = profile.keyTypes;
  const rule = known.includes(type) ? brokenKeyRule(key) : `a key is one of ${profile.keyTypes.join(', ')}`;
  if (rule === undefined) return;
  const found =
    type === 'other'
      ? `of a kind that is not known (${oid})`
      : bits > 0 && type === 'RSA'
        ? `RSA of ${String(bits)} bits`
        : type;
  throw new Refusal('CS-PROFILE-002', { key: found, profile: profile.name, rule });
}

/** Those of the profile's usages that such a key can serve: RSA encrypts keys (RFC 3279 2.3.1), curves agree on them (RFC 5480 3), the others sign alone (RFC 8410 5, RFC 9881 5). */
export function keyUsageOf(profile: Profile, type: PublicKeyInfo['type']): readonly EndEntityKeyUsage[] {
  return profile.keyUsage.filter((usage) => canServe(type, usage));
}

const curves: readonly string[] = ['P-256', 'P-384', 'P-521'];

export function canServe(type: PublicKeyInfo['type'], usage: EndEntityKeyUsage): boolean {
  if (usage === 'keyEncipherment') return type === 'RSA';
  return usage === 'digitalSignature' || curves.includes(type);
}
