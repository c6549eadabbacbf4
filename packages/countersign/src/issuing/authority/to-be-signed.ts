/** The to-be-signed end-entity certificate of a profile (RFC 5280, 4.1.2). */
import { fromHex } from '../../ground/encoding/index.ts';
import {
  accessMethods,
  authorityInfoAccessExtension,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  encodeName,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  keyIdentifier,
  keyUsageExtension,
  noRevAvailExtension,
  ocspNoCheckExtension,
  parsePublicKeyInfo,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../identity/x509/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';
import type { IssuerFacts } from './key-certificate.ts';
import { keyUsageOf } from './key-rules.ts';
import { listAddress } from './list-address.ts';
import { constrainsSubjects } from './permitted-names.ts';
import type { GrantedNames } from './names.ts';
import type { EndEntityKeyUsage, Profile } from './profile.ts';

export interface EndEntityFields {
  readonly serialNumber: Uint8Array;
  readonly issuer: IssuerFacts;
  readonly profile: Profile;
  readonly names: GrantedNames;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
}

/** ub-common-name (RFC 5280, A.1). */
const longestCommonName = 64;

function fitsCommonName(name: string): boolean {
  return name.length <= longestCommonName;
}

export function encodeEndEntity(fields: EndEntityFields): Uint8Array {
  const { issuer, profile, names } = fields;
  const commonName = commonNameOf(profile, names.dns, issuer);
  const emptySubject = commonName === undefined && profile.subject.organization === undefined;
  return encodeTbsCertificate({
    serialNumber: fields.serialNumber,
    signatureAlgorithm: issuer.signatureAlgorithm,
    issuer: issuer.name,
    subject: encodeSubject(profile, names.dns, issuer),
    notBefore: fields.notBeforeMs,
    notAfter: fields.notAfterMs,
    publicKey: fields.publicKey,
    extensions: [
      ...madeOnce(ofProfile, profile, profileExtensions),
      ...distributionPoints(fields),
      keyUsage(usagesFor(profile, fields.publicKey)),
      subjectAltNameExtension(names, emptySubject),
      subjectKeyIdentifierExtension(keyIdentifier(fields.publicKey, sha256)),
      ...madeOnce(ofIssuer, issuer, issuerExtensions),
    ],
  });
}

/** What every certificate of a profile says alike. */
function profileExtensions({
  extendedKeyUsage,
  extendedKeyUsageCritical,
  policies,
  revocation,
  ocspNoCheck,
}: Profile): Uint8Array[] {
  const { ocsp, noRevAvail } = revocation;
  return [
    // Written out though it is the default: some verifiers take its absence for "not said".
    basicConstraintsExtension({ ca: false }),
    extendedKeyUsageExtension(extendedKeyUsage, extendedKeyUsageCritical),
    ...(policies.length === 0 ? [] : [certificatePoliciesExtension(policies)]),
    ...(ocsp.length === 0
      ? []
      : [authorityInfoAccessExtension(ocsp.map((uri) => ({ method: accessMethods.ocsp, location: { uri: [uri] } })))]),
    ...(noRevAvail ? [noRevAvailExtension()] : []),
    ...(ocspNoCheck === true ? [ocspNoCheckExtension()] : []),
  ];
}

/** One point each: whoever can read one of them needs no other (RFC 5280, 4.2.1.13). */
function distributionPoints({ profile, issuer, serialNumber }: EndEntityFields): readonly Uint8Array[] {
  const { crl } = profile.revocation;
  if (crl.length === 0) return [];
  const points = crl.map((uri) => ({ fullName: { uri: [listAddress(uri, issuer.publicKey, serialNumber)] } }));
  return [crlDistributionPointsExtension(points)];
}

/** What every certificate of an issuer says alike. */
function issuerExtensions(issuer: IssuerFacts): readonly Uint8Array[] {
  return [authorityKeyIdentifierExtension(fromHex(issuer.keyIdentifier) ?? new Uint8Array())];
}

const ofProfile = new WeakMap<Profile, readonly Uint8Array[]>();
const ofIssuer = new WeakMap<IssuerFacts, readonly Uint8Array[]>();

/** Both are never changed, only replaced, so what was made for one of them holds as long as it does. */
function madeOnce<Of extends object>(
  made: WeakMap<Of, readonly Uint8Array[]>,
  of: Of,
  make: (of: Of) => readonly Uint8Array[],
): readonly Uint8Array[] {
  const known = made.get(of);
  if (known !== undefined) return known;
  const extensions = make(of);
  made.set(of, extensions);
  return extensions;
}

/** What kind of key it is matters to few profiles. */
function usagesFor(profile: Profile, publicKey: Uint8Array): readonly EndEntityKeyUsage[] {
  return profile.keyUsage.length === 1 ? profile.keyUsage : keyUsageOf(profile, parsePublicKeyInfo(publicKey).type);
}

/** By the usages together: there are few combinations, and which one it is depends on the key. */
const keyUsages = new Map<string, Uint8Array>();

function keyUsage(usages: readonly EndEntityKeyUsage[]): Uint8Array {
  const together = usages.join();
  const known = keyUsages.get(together) ?? keyUsageExtension(usages);
  keyUsages.set(together, known);
  return known;
}

interface Subject {
  readonly commonName: string | undefined;
  readonly organization: string | undefined;
  readonly name: Uint8Array;
}

/** Each is asked for twice in a row: to be written, and to be held against what was written. */
let latest: Subject | undefined;

/** Name, DER. */
export function encodeSubject(profile: Profile, dns: readonly string[], issuer: IssuerFacts): Uint8Array {
  const commonName = commonNameOf(profile, dns, issuer);
  const { organization } = profile.subject;
  if (latest?.commonName !== commonName || latest?.organization !== organization || latest === undefined)
    latest = { commonName, organization, name: writeSubject(commonName, organization) };
  return latest.name;
}

function writeSubject(commonName: string | undefined, organization: string | undefined): Uint8Array {
  return encodeName({
    ...(organization === undefined ? {} : { organization }),
    ...(commonName === undefined ? {} : { commonName }),
  });
}

/** For people and for programs that read only this (PostgreSQL's cert method); it always repeats a name of subjectAltName. */
function commonNameOf({ subject }: Profile, dns: readonly string[], issuer: IssuerFacts): string | undefined {
  return subject.commonName && !constrainsSubjects(issuer) ? dns.slice(0, 1).find(fitsCommonName) : undefined;
}
