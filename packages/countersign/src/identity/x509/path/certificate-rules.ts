/** What each certificate of a path must and must not say of itself, by its place in the path (RFC 5280, 6.1.4 (k), (n), 6.1.5 and usages). */
import { Refusal } from '../../../ground/errors/index.ts';
import { isOutdated, type SignatureAlgorithm, type UnknownAlgorithm, isKnownAlgorithm } from '../algorithms.ts';
import type { PublicKeyInfo } from '../algorithms.ts';
import type { Certificate } from '../certificate.ts';
import { extendedKeyUsages, extensionOids } from '../extensions.ts';
import { naming } from '../naming.ts';
import type { PathInput, PathProfile, PathPurpose, Weakness } from './path-input.ts';

const purposeOids: Readonly<Record<PathPurpose, string | undefined>> = {
  client: extendedKeyUsages.clientAuth,
  server: extendedKeyUsages.serverAuth,
  feed: extendedKeyUsages.feedSigning,
  any: undefined,
};

export function isPathPurpose(purpose: string): purpose is PathPurpose {
  return Object.hasOwn(purposeOids, purpose);
}

/** Extensions whose meaning is carried out here, so that they may be critical. */
const processed: ReadonlySet<string> = new Set([
  extensionOids.subjectKeyIdentifier,
  extensionOids.keyUsage,
  extensionOids.subjectAltName,
  extensionOids.basicConstraints,
  extensionOids.nameConstraints,
  extensionOids.certificatePolicies,
  extensionOids.policyMappings,
  extensionOids.authorityKeyIdentifier,
  extensionOids.policyConstraints,
  extensionOids.extendedKeyUsage,
  extensionOids.inhibitAnyPolicy,
]);

export function requireKnownExtensions(certificate: Certificate): void {
  for (const { oid, critical } of certificate.extensions) {
    if (critical && !processed.has(oid)) {
      throw new Refusal('CS-PATH-007', { subject: naming(certificate), extension: oid });
    }
  }
}

export function requireAuthority(issuer: Certificate): void {
  if (issuer.basicConstraints?.ca !== true) throw noAuthority(issuer, 'basicConstraints without cA');
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.includes('keyCertSign')) {
    throw noAuthority(issuer, 'keyUsage without keyCertSign');
  }
}

function noAuthority(issuer: Certificate, rule: string): Refusal {
  return new Refusal('CS-PATH-005', { issuer: issuer.subject.text, rule });
}

/** On an authority any purpose says as little as none: it narrows nothing (RFC 5280, 4.2.1.12). But the feed is for nobody by the way. */
export function requireIssuerPurpose(issuer: Certificate, purpose: PathPurpose): void {
  const any = issuer.extendedKeyUsage?.includes(extendedKeyUsages.anyExtendedKeyUsage) === true;
  if (!any || purpose === 'feed') requirePurpose(issuer, purpose);
}

/** Profiles that ask of an end-entity only what the caller asks. */
const permissive: ReadonlySet<PathProfile> = new Set<PathProfile>(['rfc5280', 'rfc5280-section-6']);

export function requireEndEntityUsage(input: PathInput): void {
  const { leaf, purpose, profile = 'mutual-tls', keyUsage = [] } = input;
  for (const usage of keyUsage) {
    if (leaf.keyUsage?.includes(usage) === false) throw wrongUsage(leaf, usage, leaf.keyUsage);
  }
  if (purpose === 'any') return;
  if (purpose === 'feed') requireFeedAlone(leaf);
  if (permissive.has(profile)) {
    if (leaf.extendedKeyUsage?.includes(extendedKeyUsages.anyExtendedKeyUsage) !== true) requirePurpose(leaf, purpose);
    return;
  }
  if (leaf.basicConstraints?.ca === true) throw wrongUsage(leaf, 'an end-entity certificate', "an authority's");
  if (leaf.keyUsage !== undefined && !canSignHandshakes(leaf.keyUsage, profile)) {
    throw wrongUsage(leaf, 'digitalSignature', leaf.keyUsage);
  }
  requirePurpose(leaf, purpose);
}

/** In every profile: the feed's key is certified for the feed alone, so that no other certificate can ever speak for it, nor it for a service. */
function requireFeedAlone(leaf: Certificate): void {
  requirePurpose(leaf, 'feed');
  if (leaf.extendedKeyUsage?.length !== 1) throw wrongUsage(leaf, 'feed signing alone', usageNames(leaf));
}

/** On the Web servers with RSA key transport are still met (RFC 5280, 4.2.1.12). */
function canSignHandshakes(usages: readonly string[], profile: PathProfile): boolean {
  return usages.includes('digitalSignature') || (profile === 'webpki' && usages.includes('keyEncipherment'));
}

function requirePurpose(certificate: Certificate, purpose: PathPurpose): void {
  const needed = purposeOids[purpose];
  const found = certificate.extendedKeyUsage;
  if (needed === undefined || found === undefined || found.includes(needed)) return;
  throw wrongUsage(certificate, usageName(needed), usageNames(certificate));
}

function wrongUsage(certificate: Certificate, needed: string, found: string | readonly string[]): Refusal {
  return new Refusal('CS-PATH-008', { subject: naming(certificate), needed, found });
}

function usageNames(certificate: Certificate): readonly string[] {
  return (certificate.extendedKeyUsage ?? []).map(usageName);
}

function usageName(oid: string): string {
  return Object.entries(extendedKeyUsages).find(([, known]) => known === oid)?.[0] ?? oid;
}

/** Bits of an RSA modulus: what NIST SP 800-131A and the Web ask at least, what a caller may ask for by name, and what OpenSSL refuses above. */
const leastRsaBits = 2048;
const leastRsaBitsByName = 1024;
const mostRsaBits = 16_384;

export function requireSoundKey({ type, bits, oid }: PublicKeyInfo, allowed: readonly Weakness[] = []): void {
  if (type === 'other' || (type === 'DSA' && !allowed.includes('dsa'))) throw unsupported(`public key ${oid}`);
  if (type !== 'RSA' && type !== 'RSA-PSS') return;
  const least = allowed.includes('rsa-1024') ? leastRsaBitsByName : leastRsaBits;
  if (bits < least || bits > mostRsaBits) throw unsupported(`RSA key of ${bits} bits; ${least} at least`);
}

export function requireSoundSignature(
  algorithm: SignatureAlgorithm | UnknownAlgorithm,
  allowed: readonly Weakness[] = [],
): asserts algorithm is SignatureAlgorithm {
  if (!isKnownAlgorithm(algorithm)) throw unsupported(`signature ${algorithm}`);
  if (!isOutdated(algorithm)) return;
  const needed: Weakness[] = algorithm.startsWith('dsa') ? ['dsa'] : [];
  if (/sha1/i.test(algorithm)) needed.push('sha1');
  if (!needed.every((weakness) => allowed.includes(weakness))) throw unsupported(`signature ${algorithm}, outdated`);
}

function unsupported(algorithm: string): Refusal {
  return new Refusal('CS-X509-002', { algorithm });
}
