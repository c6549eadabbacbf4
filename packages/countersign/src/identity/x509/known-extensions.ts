/** The extensions that path validation and names need, decoded in one pass; every other known one must decode, too. */
import { DerReader } from '../../ground/encoding/index.ts';
import {
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type Extension,
  extensionOids as oids,
  type KeyUsage,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
  readSubjectAltName,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { type NameConstraints, readNameConstraints } from './extensions/name-constraints.ts';
import {
  type PolicyConstraints,
  type PolicyInformation,
  type PolicyMapping,
  readCertificatePolicies,
  readInhibitAnyPolicy,
  readPolicyConstraints,
  readPolicyMappings,
} from './extensions/policies.ts';
import { informationalExtensions } from './extensions/informational.ts';
import { type GeneralNames, noNames } from './general-names.ts';

export interface KnownExtensions {
  readonly subjectAltName: GeneralNames;
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: readonly KeyUsage[] | undefined;
  /** Object identifiers. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Lower-case hexadecimal digits. */
  readonly subjectKeyIdentifier: string | undefined;
  /** The issuer's, in lower-case hexadecimal digits. */
  readonly authorityKeyIdentifier: string | undefined;
  /** The issuer's certificate, where authorityKeyIdentifier names it. */
  readonly authorityCertificate: AuthorityKeyIdentifier['certificate'];
  readonly nameConstraints: NameConstraints | undefined;
  readonly certificatePolicies: readonly PolicyInformation[] | undefined;
  readonly policyMappings: readonly PolicyMapping[] | undefined;
  readonly policyConstraints: PolicyConstraints | undefined;
  readonly inhibitAnyPolicy: number | undefined;
}

export function decodeKnownExtensions(extensions: readonly Extension[]): KnownExtensions {
  const known: { -readonly [Field in keyof KnownExtensions]: KnownExtensions[Field] } = {
    subjectAltName: noNames,
    basicConstraints: undefined,
    keyUsage: undefined,
    extendedKeyUsage: undefined,
    subjectKeyIdentifier: undefined,
    authorityKeyIdentifier: undefined,
    authorityCertificate: undefined,
    nameConstraints: undefined,
    certificatePolicies: undefined,
    policyMappings: undefined,
    policyConstraints: undefined,
    inhibitAnyPolicy: undefined,
  };
  for (const { oid, value } of extensions) {
    const reader = DerReader.over(value);
    switch (oid) {
      case oids.subjectAltName:
        known.subjectAltName = readSubjectAltName(reader);
        break;
      case oids.basicConstraints:
        known.basicConstraints = readBasicConstraints(reader);
        break;
      case oids.keyUsage:
        known.keyUsage = readKeyUsage(reader);
        break;
      case oids.extendedKeyUsage:
        known.extendedKeyUsage = readExtendedKeyUsage(reader);
        break;
      case oids.subjectKeyIdentifier:
        known.subjectKeyIdentifier = readSubjectKeyIdentifier(reader);
        break;
      case oids.authorityKeyIdentifier: {
        const { keyIdentifier, certificate } = readAuthorityKeyIdentifier(reader);
        known.authorityKeyIdentifier = keyIdentifier;
        known.authorityCertificate = certificate;
        break;
      }
      case oids.nameConstraints:
        known.nameConstraints = readNameConstraints(reader);
        break;
      case oids.certificatePolicies:
        known.certificatePolicies = readCertificatePolicies(reader);
        break;
      case oids.policyMappings:
        known.policyMappings = readPolicyMappings(reader);
        break;
      case oids.policyConstraints:
        known.policyConstraints = readPolicyConstraints(reader);
        break;
      case oids.inhibitAnyPolicy:
        known.inhibitAnyPolicy = readInhibitAnyPolicy(reader);
        break;
      default: {
        const decode = informationalExtensions.get(oid);
        if (decode === undefined) continue;
        decode(reader);
      }
    }
    reader.finish();
  }
  return known;
}
