/** One object of a file as data: what `inspect` says with --json, and what its text is made from. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { DerReader, encodePem, toHex, type PemBlock } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  extendedKeyUsages,
  extensionOids,
  parseCertificate,
  parseCertificationRequest,
  readPublicKeyInfo,
  verifyCertificationRequest,
  type Certificate,
  type Extension,
  type GeneralNames,
  type PublicKeyInfo,
} from '../../identity/x509/index.ts';
import { parsePrivateKey, sha256Hex, thumbprint, verifySignature } from '../../runtime/cryptography/index.ts';

export interface Described {
  readonly kind: 'certificate' | 'request' | 'private-key' | 'public-key' | 'key-parameters';
  readonly [field: string]: unknown;
}

const readers: ReadonlyMap<string, (block: PemBlock) => Described> = new Map([
  ['CERTIFICATE', ({ bytes }) => describeCertificate(parseCertificate(bytes))],
  ['CERTIFICATE REQUEST', ({ bytes }) => describeRequest(bytes)],
  ['NEW CERTIFICATE REQUEST', ({ bytes }) => describeRequest(bytes)],
  [
    'PUBLIC KEY',
    ({ bytes }) => ({ kind: 'public-key', publicKey: describeKey(readPublicKeyInfo(DerReader.over(bytes))) }),
  ],
  ['PRIVATE KEY', describePrivateKey],
  ['EC PRIVATE KEY', describePrivateKey],
  // openssl ecparam writes them before the key; they say nothing that the key does not.
  ['EC PARAMETERS', () => ({ kind: 'key-parameters' })],
  ['RSA PRIVATE KEY', () => ({ kind: 'private-key', type: 'RSA', usable: false })],
  ['ENCRYPTED PRIVATE KEY', () => ({ kind: 'private-key', type: 'encrypted', usable: false })],
]);

export function describeObject(block: PemBlock): Described {
  const reader = readers.get(block.label);
  if (reader !== undefined) return reader(block);
  throw new Refusal('CS-PEM-002', { expected: 'a certificate, a certification request or a key', found: block.label });
}

export function describeCertificate(certificate: Certificate): Described {
  const { subjectAltName, publicKey, extensions } = certificate;
  return {
    kind: 'certificate',
    subject: certificate.subject.text,
    names: allNames(subjectAltName),
    subjectAltName,
    issuer: certificate.issuer.text,
    serial: certificate.serialNumber,
    notBefore: toRfc3339(certificate.notBefore),
    notAfter: toRfc3339(certificate.notAfter),
    publicKey: describeKey(publicKey),
    authority: certificate.basicConstraints?.ca === true,
    pathLength: certificate.basicConstraints?.pathLength ?? null,
    keyUsage: certificate.keyUsage ?? null,
    extendedKeyUsage: certificate.extendedKeyUsage?.map(usageName) ?? null,
    signatureAlgorithm: certificate.signatureAlgorithm,
    subjectKeyIdentifier: certificate.subjectKeyIdentifier ?? null,
    authorityKeyIdentifier: certificate.authorityKeyIdentifier ?? null,
    extensions: extensions.map(describeExtension),
    sha256: sha256Hex(certificate.raw),
    thumbprint: thumbprint(certificate.raw),
  };
}

function describeRequest(bytes: Uint8Array): Described {
  const request = parseCertificationRequest(bytes);
  return {
    kind: 'request',
    subject: request.subject.text,
    names: allNames(request.subjectAltName),
    subjectAltName: request.subjectAltName,
    publicKey: describeKey(request.publicKey),
    signatureAlgorithm: request.signatureAlgorithm,
    signedByItsKey: holds(() => verifyCertificationRequest(request, verifySignature)),
    extensions: request.extensions.map(describeExtension),
  };
}

/** The kind alone: nothing from which the key could be had, and no text of an error that may quote it. */
function describePrivateKey({ label, bytes }: PemBlock): Described {
  try {
    const key = parsePrivateKey(encodePem(label, bytes));
    return { kind: 'private-key', type: key.type, usable: true, publicKey: describeKey(key.publicKey) };
  } catch (error) {
    if (!isRefusal(error) || error.code !== 'CS-X509-002') throw error;
    return { kind: 'private-key', type: 'other', usable: false };
  }
}

function describeKey(key: PublicKeyInfo): { type: string; sha256: string } {
  return { type: key.type, sha256: sha256Hex(key.raw) };
}

function describeExtension({ oid, critical, value }: Extension): object {
  const name = Object.entries(extensionOids).find(([, known]) => known === oid)?.[0];
  return { oid, ...(name === undefined ? {} : { name }), critical, value: toHex(value) };
}

function usageName(oid: string): string {
  return Object.entries(extendedKeyUsages).find(([, known]) => known === oid)?.[0] ?? oid;
}

export function allNames({ dns, uri, ip }: GeneralNames): string[] {
  return [...dns, ...uri, ...ip];
}

function holds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
