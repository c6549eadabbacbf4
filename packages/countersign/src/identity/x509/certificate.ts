/** Certificates (RFC 5280, 4.1) read from DER. */
import {
  contextConstructed,
  DerReader,
  equalBytes,
  readPositiveIntegerHex,
  readSmallInteger,
  readTime,
  tags,
} from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  type PublicKeyInfo,
  readPublicKeyInfo,
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
} from './algorithms.ts';
import { type DistinguishedName, readName } from './distinguished-name.ts';
import {
  type BasicConstraints,
  decodeExtension,
  type Extension,
  extensionOids,
  type KeyUsage,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readExtensions,
  readKeyUsage,
  readSubjectAltName,
  readSubjectKeyIdentifier,
} from './extensions.ts';
import { type GeneralNames, noNames } from './general-names.ts';

export interface Certificate {
  readonly raw: Uint8Array;
  /** TBSCertificate, DER: what the issuer signed. */
  readonly tbs: Uint8Array;
  /** Hexadecimal as OpenSSL prints it: upper case, whole octets. */
  readonly serialNumber: string;
  readonly signatureAlgorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970; the second that begins here is still valid (RFC 5280, 4.1.2.5). */
  readonly notAfter: number;
  readonly publicKey: PublicKeyInfo;
  readonly subjectAltName: GeneralNames;
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: readonly KeyUsage[];
  /** Object identifiers. */
  readonly extendedKeyUsage?: readonly string[];
  /** Lower-case hexadecimal digits, as is `authorityKeyIdentifier`. */
  readonly subjectKeyIdentifier?: string;
  readonly authorityKeyIdentifier?: string;
  readonly extensions: readonly Extension[];
}

/** 20 octets at the most (RFC 5280, 4.1.2.2). */
const longestSerialDigits = 40;

export function parseCertificate(der: Uint8Array): Certificate {
  const outer = DerReader.over(der);
  const certificate = outer.enter(tags.sequence);
  outer.finish();
  const tbs = certificate.element(tags.sequence);
  const signatureAlgorithm = readSignatureAlgorithm(certificate);
  const signature = readSignature(certificate, signatureAlgorithm);
  certificate.finish();
  return { raw: der, tbs, signatureAlgorithm, signature, ...readTbs(tbs, signatureAlgorithm) };
}

type TbsContents = Omit<Certificate, 'raw' | 'tbs' | 'signatureAlgorithm' | 'signature'>;

function readTbs(tbs: Uint8Array, outerAlgorithm: SignatureAlgorithm): TbsContents {
  const fields = DerReader.over(tbs).enter(tags.sequence);
  requireVersion3(fields);
  const serialNumber = readPositiveIntegerHex(fields);
  requireSerial(serialNumber);
  if (readSignatureAlgorithm(fields) !== outerAlgorithm) throw broken('the two signature algorithms differ (4.1.1.2)');
  const issuer = readName(fields);
  if (issuer.text === '') throw broken('the issuer is empty (4.1.2.4)');
  const validity = fields.enter(tags.sequence);
  const [notBefore, notAfter] = [readTime(validity), readTime(validity)];
  validity.finish();
  if (notAfter < notBefore) throw broken('notAfter is before notBefore (4.1.2.5)');
  const subject = readName(fields);
  const publicKey = readPublicKeyInfo(fields);
  const extensions = readExtensionField(fields);
  fields.finish();
  return {
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions,
    ...decodeKnown(extensions, subject),
  };
}

/** Extensions came with version 3, and a certificate without any says nothing about what it may be used for. */
function requireVersion3(fields: DerReader): void {
  if (fields.peek() !== contextConstructed(0)) throw broken('version 1 certificate; version 3 is needed (4.1.2.1)');
  const version = fields.enter(contextConstructed(0));
  if (readSmallInteger(version) !== 2) throw broken('version other than 3 (4.1.2.1)');
  version.finish();
}

function requireSerial(serialNumber: string): void {
  if (/^0+$/.test(serialNumber)) throw broken('serial number zero (4.1.2.2)');
  if (serialNumber.length > longestSerialDigits) throw broken('serial number longer than 20 octets (4.1.2.2)');
}

function readExtensionField(fields: DerReader): Extension[] {
  if (fields.done) throw broken('no extensions');
  // Unique identifiers [1], [2] must not be written by conforming authorities (RFC 5280, 4.1.2.8).
  if (fields.peek() !== contextConstructed(3)) throw broken('a unique identifier (4.1.2.8)');
  const explicit = fields.enter(contextConstructed(3));
  const extensions = readExtensions(explicit.enter(tags.sequence));
  explicit.finish();
  return extensions;
}

function decodeKnown(
  extensions: readonly Extension[],
  subject: DistinguishedName,
): Pick<TbsContents, 'subjectAltName'> & Partial<TbsContents> {
  const names = decodeExtension(extensions, extensionOids.subjectAltName, readSubjectAltName);
  const critical = extensions.some(({ oid, critical: flag }) => oid === extensionOids.subjectAltName && flag);
  if (subject.text === '' && !(names !== undefined && critical)) {
    throw broken('an empty subject without a critical subjectAltName (4.2.1.6)');
  }
  const known = {
    basicConstraints: decodeExtension(extensions, extensionOids.basicConstraints, readBasicConstraints),
    keyUsage: decodeExtension(extensions, extensionOids.keyUsage, readKeyUsage),
    extendedKeyUsage: decodeExtension(extensions, extensionOids.extendedKeyUsage, readExtendedKeyUsage),
    subjectKeyIdentifier: decodeExtension(extensions, extensionOids.subjectKeyIdentifier, readSubjectKeyIdentifier),
    authorityKeyIdentifier: decodeExtension(
      extensions,
      extensionOids.authorityKeyIdentifier,
      readAuthorityKeyIdentifier,
    ),
  };
  return { subjectAltName: names ?? noNames, ...withoutUndefined(known) };
}

function withoutUndefined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Whether issuer and subject are the same name, as on a root and on an authority's certificate for its own new key. */
export function isSelfIssued(certificate: Certificate): boolean {
  return equalBytes(certificate.issuer.raw, certificate.subject.raw);
}

function broken(rule: string): Refusal {
  return new Refusal('CS-X509-001', { rule });
}
