/** The to-be-signed end-entity certificate of a profile (RFC 5280, 4.1.2). */
import { fromHex } from '../../ground/encoding/index.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodeName,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  keyIdentifier,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../../identity/x509/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';
import type { IssuerFacts } from './key-certificate.ts';
import { constrainsSubjects } from './permitted-names.ts';
import type { GrantedNames } from './names.ts';
import type { Profile } from './profile.ts';

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
  const commonName = constrainsSubjects(issuer) ? undefined : names.dns.slice(0, 1).find(fitsCommonName);
  return encodeTbsCertificate({
    serialNumber: fields.serialNumber,
    signatureAlgorithm: issuer.signatureAlgorithm,
    issuer: issuer.name,
    // For people and for programs that read only this (PostgreSQL's cert method); it always repeats a name of subjectAltName.
    subject: encodeName(commonName === undefined ? {} : { commonName }),
    notBefore: fields.notBeforeMs,
    notAfter: fields.notAfterMs,
    publicKey: fields.publicKey,
    extensions: [
      ...madeOnce(ofProfile, profile, profileExtensions),
      subjectAltNameExtension(names, commonName === undefined),
      subjectKeyIdentifierExtension(keyIdentifier(fields.publicKey, sha256)),
      ...madeOnce(ofIssuer, issuer, issuerExtensions),
    ],
  });
}

/** What every certificate of a profile says alike. */
function profileExtensions(profile: Profile): readonly Uint8Array[] {
  return [
    // Written out though it is the default: some verifiers take its absence for "not said".
    basicConstraintsExtension({ ca: false }),
    keyUsageExtension(['digitalSignature']),
    extendedKeyUsageExtension(profile.extendedKeyUsage, profile.extendedKeyUsageCritical),
  ];
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
