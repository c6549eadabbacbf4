/** The certificate extensions (RFC 5280, 4.2): their list, and those about keys, usages and names. */
import {
  DerReader,
  encodeBoolean,
  encodeImplicit,
  encodeInteger,
  encodeNamedBits,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  contextConstructed,
  contextPrimitive,
  readBooleanDefaultFalse,
  readNamedBits,
  readObjectIdentifier,
  readPositiveIntegerHex,
  readSmallInteger,
  tags,
  hexOf,
  writeBackwards,
} from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { encodeGeneralNames, type GeneralNames, readGeneralNames, type WritableNames } from './general-names.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** The contents of extnValue. */
  readonly value: Uint8Array;
}

export const extensionOids = {
  subjectDirectoryAttributes: '2.5.29.9',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  privateKeyUsagePeriod: '2.5.29.16',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  freshestCRL: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  noRevAvail: '2.5.29.56',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  subjectInfoAccess: '1.3.6.1.5.5.7.1.11',
  qcStatements: '1.3.6.1.5.5.7.1.3',
  tlsFeature: '1.3.6.1.5.5.7.1.24',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
  signedCertificateTimestamps: '1.3.6.1.4.1.11129.2.4.2',
  precertificatePoison: '1.3.6.1.4.1.11129.2.4.3',
  microsoftCertificateTemplate: '1.3.6.1.4.1.311.21.7',
  netscapeComment: '2.16.840.1.113730.1.13',
  cabfOrganizationIdentifier: '2.23.140.3.1',
} as const;

export const extendedKeyUsages = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  anyExtendedKeyUsage: '2.5.29.37.0',
  /** Signing Countersign's revocation feed and nothing else; an arc made from a random UUID (ITU-T X.667), which needs no registration. */
  feedSigning: '2.25.224693371871938520317386442915203843617',
} as const;

/** In the order of their bits (RFC 5280, 4.2.1.3). */
const keyUsageNames = [
  'digitalSignature',
  'contentCommitment',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

export type KeyUsage = (typeof keyUsageNames)[number];

export interface BasicConstraints {
  readonly ca: boolean;
  /** pathLenConstraint: how many intermediates may follow below. */
  readonly pathLength?: number;
}

/** Extensions, whose SEQUENCE OF has been entered; each at most once (RFC 5280, 4.2). */
export function readExtensions(list: DerReader): Extension[] {
  const extensions: Extension[] = [];
  if (list.done) throw list.malformed('Extensions is empty');
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    const oid = readObjectIdentifier(fields);
    const critical = readBooleanDefaultFalse(fields);
    const value = fields.contents(tags.octetString);
    fields.finish();
    extensions.push({ oid, critical, value });
  }
  requireOnceEach(extensions);
  return extensions;
}

/** Extensions compared each with each; beyond it a set is cheaper, and never quadratic. */
const mostCompared = 16;

function requireOnceEach(extensions: readonly Extension[]): void {
  const seen = extensions.length > mostCompared ? new Set<string>() : undefined;
  for (const [index, { oid }] of extensions.entries()) {
    const known = seen === undefined ? isAmong(extensions, index, oid) : seen.has(oid);
    if (known) throw new Refusal('CS-X509-001', { rule: `extension ${oid} appears twice (4.2)` });
    seen?.add(oid);
  }
}

function isAmong(extensions: readonly Extension[], before: number, oid: string): boolean {
  for (let index = 0; index < before; index++) if (extensions[index]?.oid === oid) return true;
  return false;
}

/** Decodes the extension `oid` with `read`, or answers `undefined` where it is absent. */
export function decodeExtension<T>(
  extensions: readonly Extension[],
  oid: string,
  read: (value: DerReader) => T,
): T | undefined {
  const extension = extensions.find((candidate) => candidate.oid === oid);
  if (extension === undefined) return undefined;
  const reader = DerReader.over(extension.value);
  const decoded = read(reader);
  reader.finish();
  return decoded;
}

export function readBasicConstraints(reader: DerReader): BasicConstraints {
  const fields = reader.enter(tags.sequence);
  const ca = readBooleanDefaultFalse(fields);
  const pathLength = fields.done ? undefined : readSmallInteger(fields);
  fields.finish();
  if (pathLength !== undefined && !ca)
    throw new Refusal('CS-X509-001', { rule: 'pathLenConstraint without cA (4.2.1.9)' });
  return pathLength === undefined ? { ca } : { ca, pathLength };
}

export function readKeyUsage(reader: DerReader): KeyUsage[] {
  const { offset } = reader;
  const usages = readNamedBits(reader).map((bit) => keyUsageNames[bit]);
  if (usages.length === 0) throw new Refusal('CS-X509-001', { rule: 'keyUsage without any bit (4.2.1.3)' });
  return usages.map((usage) => {
    if (usage === undefined) throw reader.malformed('keyUsage with a bit that is not defined', offset);
    return usage;
  });
}

export function readExtendedKeyUsage(reader: DerReader): string[] {
  const list = reader.enter(tags.sequence);
  const oids: string[] = [];
  if (list.done) throw list.malformed('extKeyUsage is empty');
  while (!list.done) oids.push(readObjectIdentifier(list));
  return oids;
}

export function readSubjectAltName(reader: DerReader): GeneralNames {
  return readGeneralNames(reader.enter(tags.sequence));
}

/** Lower-case hexadecimal digits. */
export function readSubjectKeyIdentifier(reader: DerReader): string {
  return reader.decode(tags.octetString, hexOf);
}

export interface AuthorityKeyIdentifier {
  /** Lower-case hexadecimal digits. */
  readonly keyIdentifier: string | undefined;
  /** The issuer's certificate, by its own issuer and serial number. */
  readonly certificate?: { readonly issuer: GeneralNames; readonly serialNumber: string };
}

export function readAuthorityKeyIdentifier(reader: DerReader): AuthorityKeyIdentifier {
  const fields = reader.enter(tags.sequence);
  const keyIdentifier = fields.peek() === contextPrimitive(0) ? fields.decode(contextPrimitive(0), hexOf) : undefined;
  const issuer =
    fields.peek() === contextConstructed(1) ? readGeneralNames(fields.enter(contextConstructed(1))) : undefined;
  const serialNumber =
    fields.peek() === contextPrimitive(2) ? readPositiveIntegerHex(fields, contextPrimitive(2)) : undefined;
  fields.finish();
  if ((issuer === undefined) !== (serialNumber === undefined)) {
    throw new Refusal('CS-X509-001', {
      rule: 'authorityKeyIdentifier with an issuer or a serial number alone (4.2.1.1)',
    });
  }
  return issuer === undefined || serialNumber === undefined
    ? { keyIdentifier }
    : { keyIdentifier, certificate: { issuer, serialNumber } };
}

const isTrue = encodeBoolean(true);

/** Extension, DER. */
export function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  return writeBackwards((der) => {
    der.octets(value);
    der.wrap(tags.octetString, 0);
    if (critical) der.octets(isTrue);
    const identifier = der.written;
    der.octets(encodeObjectIdentifier(oid));
    der.wrap(tags.objectIdentifier, identifier);
    der.wrap(tags.sequence, 0);
  });
}

/** Critical, as it must be on an authority's certificate (RFC 5280, 4.2.1.9). */
export function basicConstraintsExtension({ ca, pathLength }: BasicConstraints): Uint8Array {
  const fields = [
    ...(ca ? [encodeBoolean(true)] : []),
    ...(pathLength === undefined ? [] : [encodeInteger(pathLength)]),
  ];
  return encodeExtension(extensionOids.basicConstraints, true, encodeSequence(...fields));
}

/** Critical (RFC 5280, 4.2.1.3: SHOULD). */
export function keyUsageExtension(usages: readonly KeyUsage[]): Uint8Array {
  return encodeExtension(
    extensionOids.keyUsage,
    true,
    encodeNamedBits(usages.map((usage) => keyUsageNames.indexOf(usage))),
  );
}

/** @param critical where true, a relying party that does not know these purposes must refuse; default false */
export function extendedKeyUsageExtension(oids: readonly string[], critical: boolean = false): Uint8Array {
  return encodeExtension(extensionOids.extendedKeyUsage, critical, encodeSequence(...oids.map(encodeOid)));
}

/** @param critical must be true where the subject is empty (RFC 5280, 4.2.1.6) */
export function subjectAltNameExtension(names: WritableNames, critical: boolean): Uint8Array {
  return encodeExtension(extensionOids.subjectAltName, critical, encodeGeneralNames(names));
}

export function subjectKeyIdentifierExtension(identifier: Uint8Array): Uint8Array {
  return encodeExtension(extensionOids.subjectKeyIdentifier, false, encodeOctetString(identifier));
}

export function authorityKeyIdentifierExtension(identifier: Uint8Array): Uint8Array {
  return encodeExtension(extensionOids.authorityKeyIdentifier, false, encodeSequence(encodeImplicit(0, identifier)));
}
