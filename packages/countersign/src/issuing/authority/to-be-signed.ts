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
      // Written out though it is the default: some verifiers take its absence for "not said".
      basicConstraintsExtension({ ca: false }),
      keyUsageExtension(['digitalSignature']),
      extendedKeyUsageExtension(profile.extendedKeyUsage, profile.extendedKeyUsageCritical),
      subjectAltNameExtension(names, commonName === undefined),
      subjectKeyIdentifierExtension(keyIdentifier(fields.publicKey, sha256)),
      authorityKeyIdentifierExtension(fromHex(issuer.keyIdentifier) ?? new Uint8Array()),
    ],
  });
}
