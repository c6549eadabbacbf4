/** A certificate as data, complete. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { toHex } from '../../ground/encoding/index.ts';
import {
  extendedKeyUsages,
  isKnownAlgorithm,
  isSelfIssued,
  parseCertificate,
  type Certificate,
} from '../../identity/x509/index.ts';
import { sha256Hex, thumbprint, verifySignature } from '../../runtime/cryptography/index.ts';
import { certificateRemarks } from './certificate-remarks.ts';
import { describeExtensions } from './describe-extensions.ts';
import { describeKey } from './describe-key.ts';
import type { CertificateData, CertificateSummary } from './described.ts';
import { allNames, plainAttributes, plainNames } from './plain-names.ts';

export function describeCertificate(certificate: Certificate, now: number): CertificateData {
  const extensions = describeExtensions(certificate.extensions);
  const selfSigned = signed(certificate, certificate);
  return {
    kind: 'certificate',
    // Another is refused in parsing.
    version: 3,
    subject: certificate.subject.text,
    subjectAttributes: plainAttributes(certificate.subject),
    names: allNames(certificate.subjectAltName),
    subjectAltName: plainNames(certificate.subjectAltName),
    issuer: certificate.issuer.text,
    issuerAttributes: plainAttributes(certificate.issuer),
    serial: certificate.serialNumber,
    notBefore: toRfc3339(certificate.notBefore),
    notAfter: toRfc3339(certificate.notAfter),
    publicKey: describeKey(certificate.publicKey),
    authority: certificate.basicConstraints?.ca === true,
    pathLength: certificate.basicConstraints?.pathLength ?? null,
    keyUsage: certificate.keyUsage ?? null,
    extendedKeyUsage: certificate.extendedKeyUsage?.map(usageName) ?? null,
    signatureAlgorithm: certificate.signatureAlgorithm,
    signature: toHex(certificate.signature),
    subjectKeyIdentifier: certificate.subjectKeyIdentifier ?? null,
    authorityKeyIdentifier: certificate.authorityKeyIdentifier ?? null,
    extensions,
    sha256: sha256Hex(certificate.raw),
    thumbprint: thumbprint(certificate.raw),
    selfIssued: isSelfIssued(certificate),
    selfSigned,
    remarks: certificateRemarks(certificate, extensions, selfSigned, now),
  };
}

/** Whether the key of `issuer` made the signature of `certificate`. */
export function signed(certificate: Certificate, issuer: Certificate): boolean {
  const { signatureAlgorithm: algorithm, tbs, signature } = certificate;
  return isKnownAlgorithm(algorithm) && verifySignature(issuer.publicKey, algorithm, tbs, signature);
}

function usageName(oid: string): string {
  return Object.entries(extendedKeyUsages).find(([, known]) => known === oid)?.[0] ?? oid;
}

/** One that comes along with an OCSP message; such a one may be anything. */
export function summarizeCertificate(der: Uint8Array): CertificateSummary {
  const sha256 = sha256Hex(der);
  try {
    const { subject, notAfter } = parseCertificate(der);
    return { subject: subject.text, notAfter: toRfc3339(notAfter), sha256 };
  } catch {
    return { subject: null, notAfter: null, sha256 };
  }
}
