/** The certificate extensions that our own profiles write (RFC 5280, 4.2), read and written. */
import {
  DerReader,
  encodeBoolean,
  encodeImplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  contextConstructed,
  contextPrimitive,
  readBooleanDefaultFalse,
  readIntegerBytes,
  readNamedBits,
  readObjectIdentifier,
  readSmallInteger,
  tags,
  toHex,
} from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { encodeGeneralNames, type GeneralNames, readGeneralNames } from './general-names.ts';

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** The contents of extnValue. */
  readonly value: Uint8Array;
}

export const extensionOids = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const;

export const extendedKeyUsages = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
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
  const seen = new Set<string>();
  if (list.done) throw list.malformed('Extensions is empty');
  while (!list.done) {
    const fields = list.enter(tags.sequence);
    const oid = readObjectIdentifier(fields);
    const critical = readBooleanDefaultFalse(fields);
    const value = fields.contents(tags.octetString);
    fields.finish();
    if (seen.has(oid)) throw new Refusal('CS-X509-001', { rule: `extension ${oid} appears twice (4.2)` });
    seen.add(oid);
    extensions.push({ oid, critical, value });
  }
  return extensions;
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
  return toHex(reader.contents(tags.octetString));
}

/** Its keyIdentifier in lower-case hexadecimal digits; `undefined` where it names the issuer otherwise. */
export function readAuthorityKeyIdentifier(reader: DerReader): string | undefined {
  const fields = reader.enter(tags.sequence);
  const identifier = fields.peek() === contextPrimitive(0) ? toHex(fields.contents(contextPrimitive(0))) : undefined;
  const issuer = fields.peek() === contextConstructed(1) ? fields.element() : undefined;
  const serialNumber =
    fields.peek() === contextPrimitive(2) ? readIntegerBytes(fields, contextPrimitive(2)) : undefined;
  fields.finish();
  if ((issuer === undefined) !== (serialNumber === undefined)) {
    throw new Refusal('CS-X509-001', {
      rule: 'authorityKeyIdentifier with an issuer or a serial number alone (4.2.1.1)',
    });
  }
  return identifier;
}

function encodeExtension(oid: string, critical: boolean, value: Uint8Array): Uint8Array {
  const flag = critical ? [encodeBoolean(true)] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
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
export function subjectAltNameExtension(names: Partial<GeneralNames>, critical: boolean): Uint8Array {
  return encodeExtension(extensionOids.subjectAltName, critical, encodeGeneralNames(names));
}

export function subjectKeyIdentifierExtension(identifier: Uint8Array): Uint8Array {
  return encodeExtension(extensionOids.subjectKeyIdentifier, false, encodeOctetString(identifier));
}

export function authorityKeyIdentifierExtension(identifier: Uint8Array): Uint8Array {
  return encodeExtension(extensionOids.authorityKeyIdentifier, false, encodeSequence(encodeImplicit(0, identifier)));
}
