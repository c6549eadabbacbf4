/** What each certificate of a path must and must not say of itself, by its place in the path. */
import { Refusal } from '../../ground/errors/index.ts';
import type { Certificate } from './certificate.ts';
import { extendedKeyUsages, extensionOids } from './extensions.ts';
import { naming } from './naming.ts';

export type PathPurpose = 'client' | 'server' | 'feed' | 'any';

const purposeOids: Readonly<Record<PathPurpose, string | undefined>> = {
  client: extendedKeyUsages.clientAuth,
  server: extendedKeyUsages.serverAuth,
  feed: extendedKeyUsages.feedSigning,
  any: undefined,
};

/** Extensions whose meaning is carried out here, so that they may be critical. */
const processed: ReadonlySet<string> = new Set([
  extensionOids.subjectKeyIdentifier,
  extensionOids.keyUsage,
  extensionOids.subjectAltName,
  extensionOids.basicConstraints,
  extensionOids.authorityKeyIdentifier,
  extensionOids.extendedKeyUsage,
]);

/** Constraints on what may stand below. They are refused even where not critical: to pass them over would widen what the issuer allowed. */
const constraints: ReadonlySet<string> = new Set([
  extensionOids.nameConstraints,
  extensionOids.policyConstraints,
  extensionOids.policyMappings,
  extensionOids.inhibitAnyPolicy,
]);

export function requireKnownExtensions(certificate: Certificate): void {
  for (const { oid, critical } of certificate.extensions) {
    if (constraints.has(oid) || (critical && !processed.has(oid))) {
      throw new Refusal('CS-PATH-007', { subject: naming(certificate), extension: oid });
    }
  }
}

/** RFC 5280, 6.1.4 (k), (n); extendedKeyUsage on an authority narrows what stands below it, as everybody but the RFC reads it. */
export function requireIssuerUsage(issuer: Certificate, purpose: PathPurpose): void {
  const subject = issuer.subject.text;
  if (issuer.basicConstraints?.ca !== true)
    throw new Refusal('CS-PATH-005', { issuer: subject, rule: 'basicConstraints without cA' });
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.includes('keyCertSign')) {
    throw new Refusal('CS-PATH-005', { issuer: subject, rule: 'keyUsage without keyCertSign' });
  }
  requirePurpose(issuer, purpose);
}

export function requireEndEntityUsage(leaf: Certificate, purpose: PathPurpose): void {
  if (purpose === 'any') return;
  if (leaf.basicConstraints?.ca === true) {
    throw new Refusal('CS-PATH-008', {
      subject: naming(leaf),
      needed: 'an end-entity certificate',
      found: "an authority's",
    });
  }
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes('digitalSignature')) {
    throw new Refusal('CS-PATH-008', { subject: naming(leaf), needed: 'digitalSignature', found: leaf.keyUsage });
  }
  requirePurpose(leaf, purpose);
  // The feed's key is certified for the feed alone, so that no other certificate can ever speak for it, nor it for a service.
  if (purpose === 'feed' && leaf.extendedKeyUsage?.length !== 1) {
    throw new Refusal('CS-PATH-008', { subject: naming(leaf), needed: 'feed signing alone', found: usageNames(leaf) });
  }
}

function requirePurpose(certificate: Certificate, purpose: PathPurpose): void {
  const needed = purposeOids[purpose];
  const found = certificate.extendedKeyUsage;
  if (needed === undefined || found === undefined || found.includes(needed)) return;
  throw new Refusal('CS-PATH-008', {
    subject: naming(certificate),
    needed: usageName(needed),
    found: usageNames(certificate),
  });
}

function usageNames(certificate: Certificate): readonly string[] {
  return (certificate.extendedKeyUsage ?? []).map(usageName);
}

function usageName(oid: string): string {
  return Object.entries(extendedKeyUsages).find(([, known]) => known === oid)?.[0] ?? oid;
}
