/** Certificates (RFC 5280, 4.1) read from DER. */
import {
  contextConstructed,
  contextPrimitive,
  DerReader,
  equalBytes,
  readPositiveIntegerHex,
  readSmallInteger,
  readTime,
  tags,
} from '../../ground/encoding/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import {
  encodeSignatureAlgorithm,
  type PublicKeyInfo,
  readPublicKeyInfo,
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
} from './algorithms.ts';
import { type DistinguishedName, readName, sameName } from './distinguished-name.ts';
import { type Extension, extensionOids, readExtensions } from './extensions.ts';
import { noNames } from './general-names.ts';
import { decodeKnownExtensions, type KnownExtensions } from './known-extensions.ts';

export interface Certificate extends KnownExtensions {
  readonly raw: Uint8Array;
  /** TBSCertificate, DER: what the issuer signed. */
  readonly tbs: Uint8Array;
  /** Hexadecimal as OpenSSL prints it: upper case, whole octets. */
  readonly serialNumber: string;
  readonly signatureAlgorithm: SignatureAlgorithm | UnknownAlgorithm;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970; the second that begins here is still valid (RFC 5280, 4.1.2.5). */
  readonly notAfter: number;
  /** Whether a year before 2050 is written as GeneralizedTime, which authorities must not (RFC 5280, 4.1.2.5) and others must read. */
  readonly earlyGeneralizedTime: boolean;
  readonly publicKey: PublicKeyInfo;
  /** Whether it has any; authorities must not write them (RFC 5280, 4.1.2.8), and others must read past them. */
  readonly uniqueIdentifiers: boolean;
  readonly extensions: readonly Extension[];
}

/** 20 octets at the most (RFC 5280, 4.1.2.2). */
const longestSerialDigits = 40;

/** How much is asked of what is read: everything by `parseCertificate`, less by `inspectCertificate`. */
export interface Reading {
  /** A rule of the standard is broken. */
  readonly fault: (rule: string) => void;
  readonly serialNumber: (fields: DerReader) => string;
  readonly knownExtensions: (extensions: readonly Extension[]) => KnownExtensions;
}

const strict: Reading = {
  fault(rule) {
    throw new Refusal('CS-X509-001', { rule });
  },
  serialNumber: readPositiveIntegerHex,
  knownExtensions: decodeKnownExtensions,
};

/** Of any key and signature: what cannot be verified is refused where it would have to be. */
export function parseCertificate(der: Uint8Array): Certificate {
  return readCertificate(der, strict);
}

export function readCertificate(der: Uint8Array, reading: Reading): Certificate {
  const outer = DerReader.over(der);
  const certificate = outer.enter(tags.sequence);
  outer.finish();
  const tbs = certificate.element(tags.sequence);
  const start = certificate.offset;
  const signatureAlgorithm = readSignatureAlgorithm(certificate);
  const identifier = der.subarray(start, certificate.offset);
  const signature = readSignature(certificate, signatureAlgorithm);
  certificate.finish();
  return { ...readTbs(tbs, identifier, reading), raw: der, signatureAlgorithm, signature };
}

/** A certificate but for its signature. */
export type TbsCertificate = Omit<Certificate, 'raw' | 'signatureAlgorithm' | 'signature'>;

/** A TBSCertificate alone, by the rules of `parseCertificate`, as it will stand under a signature of `algorithm`. */
export function parseTbsCertificate(tbs: Uint8Array, algorithm: SignatureAlgorithm): TbsCertificate {
  return readTbs(tbs, encodeSignatureAlgorithm(algorithm), strict);
}

/** @param identifier the AlgorithmIdentifier of the signature around it, DER */
function readTbs(tbs: Uint8Array, identifier: Uint8Array, reading: Reading): TbsCertificate {
  const { fault } = reading;
  const outer = DerReader.over(tbs);
  const fields = outer.enter(tags.sequence);
  outer.finish();
  requireVersion3(fields, fault);
  const serialNumber = reading.serialNumber(fields);
  requireSerial(serialNumber, fault);
  if (!equalBytes(fields.element(tags.sequence), identifier)) fault('the two signature algorithms differ (4.1.1.2)');
  const issuer = readName(fields);
  if (issuer.isEmpty) fault('the issuer is empty (4.1.2.4)');
  const { notBefore, notAfter, earlyGeneralizedTime } = readValidity(fields.enter(tags.sequence), fault);
  const subject = readName(fields);
  const publicKey = readPublicKeyInfo(fields);
  const uniqueIdentifiers = skipUniqueIdentifiers(fields);
  const extensions = readExtensionField(fields, fault);
  fields.finish();
  const known = reading.knownExtensions(extensions);
  if (subject.isEmpty && !isCriticallyNamed(extensions, known)) {
    fault('an empty subject without a critical subjectAltName (4.2.1.6)');
  }
  return {
    ...known,
    tbs,
    serialNumber,
    issuer,
    subject,
    notBefore,
    notAfter,
    earlyGeneralizedTime,
    publicKey,
    uniqueIdentifiers,
    extensions,
  };
}

/** Extensions came with version 3, and a certificate without any says nothing about what it may be used for. */
function requireVersion3(fields: DerReader, fault: Reading['fault']): void {
  if (fields.peek() !== contextConstructed(0)) {
    fault('version 1 certificate; version 3 is needed (4.1.2.1)');
    return;
  }
  const version = fields.enter(contextConstructed(0));
  if (readSmallInteger(version) !== 2) fault('version other than 3 (4.1.2.1)');
  version.finish();
}

function requireSerial(serialNumber: string, fault: Reading['fault']): void {
  if (serialNumber === '00') fault('serial number zero (4.1.2.2)');
  if (serialNumber.length > longestSerialDigits) fault('serial number longer than 20 octets (4.1.2.2)');
}

const year2050 = Date.UTC(2050);

function readValidity(
  fields: DerReader,
  fault: Reading['fault'],
): Pick<Certificate, 'notBefore' | 'notAfter' | 'earlyGeneralizedTime'> {
  let earlyGeneralizedTime = false;
  const read = (): number => {
    const generalized = fields.peek() === tags.generalizedTime;
    const ms = readTime(fields, 'any year');
    earlyGeneralizedTime ||= generalized && ms < year2050;
    return ms;
  };
  const [notBefore, notAfter] = [read(), read()];
  fields.finish();
  if (notAfter < notBefore) fault('notAfter is before notBefore (4.1.2.5)');
  return { notBefore, notAfter, earlyGeneralizedTime };
}

/** What an issuer or subject of an old kind is told apart by; nothing is made of it (RFC 5280, 4.1.2.8). */
function skipUniqueIdentifiers(fields: DerReader): boolean {
  let found = false;
  for (const tag of [contextPrimitive(1), contextPrimitive(2)]) {
    if (fields.peek() !== tag) continue;
    const { offset } = fields;
    const unused = fields.contents(tag)[0];
    if (unused === undefined || unused > 7) {
      throw fields.malformed('BIT STRING with a wrong count of unused bits', offset);
    }
    found = true;
  }
  return found;
}

function readExtensionField(fields: DerReader, fault: Reading['fault']): Extension[] {
  if (fields.done) {
    fault('no extensions');
    return [];
  }
  const explicit = fields.enter(contextConstructed(3));
  const extensions = readExtensions(explicit.enter(tags.sequence));
  explicit.finish();
  return extensions;
}

function isCriticallyNamed(extensions: readonly Extension[], { subjectAltName }: KnownExtensions): boolean {
  if (subjectAltName === noNames) return false;
  return extensions.some(({ oid, critical }) => critical && oid === extensionOids.subjectAltName);
}

/** Whether issuer and subject are the same name, as on a root and on an authority's certificate for its own new key. */
export function isSelfIssued(certificate: Pick<Certificate, 'issuer' | 'subject'>): boolean {
  return sameName(certificate.issuer, certificate.subject);
}
