/** A certificate as data, complete. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { toHex } from '../../ground/encoding/index.ts';
import {
  extendedKeyUsages,
  isKnownAlgorithm,
  isSelfIssued,
  sameName,
  inspectCertificate,
  type InspectedCertificate,
} from '../../identity/x509/index.ts';
import { sha256Hex, thumbprint, verifySignature } from '../../runtime/cryptography/index.ts';
import { certificateRemarks } from './certificate-remarks.ts';
import { describeExtensions } from './describe-extensions.ts';
import { describeKey } from './describe-key.ts';
import type { CertificateData, CertificateSummary, Issued } from './described.ts';
import { revocationMeans } from './revocation-means.ts';
import { allNames, plainAttributes, plainNames } from './plain-names.ts';

/** @param seen takes the certificate, so that those of one input can be set beside each other */
export function describeCertificate(
  der: Uint8Array,
  { now, seen }: { readonly now: number; readonly seen: InspectedCertificate[] },
): CertificateData {
  const certificate = inspectCertificate(der);
  seen.push(certificate);
  const extensions = describeExtensions(certificate.extensions);
  const ownSignature = issued(certificate, certificate);
  return {
    kind: 'certificate',
    version: certificate.version,
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
    revocation:
      certificate.basicConstraints?.ca === true ? null : revocationMeans(extensions, certificate.notAfter, now),
    sha256: sha256Hex(certificate.raw),
    thumbprint: thumbprint(certificate.raw),
    selfIssued: isSelfIssued(certificate),
    selfSigned: ownSignature === 'yes',
    faults: certificate.faults,
    remarks: certificateRemarks(certificate, extensions, ownSignature, now),
  };
}

/** Whether the key of `issuer` made the signature of `certificate`: `not known` where nothing here verifies signatures of its kind. */
export function issued(certificate: InspectedCertificate, issuer: InspectedCertificate): Issued {
  const { signatureAlgorithm: algorithm, signed, signature } = certificate;
  if (!sameName(certificate.issuer, issuer.subject)) return 'no';
  if (!isKnownAlgorithm(algorithm) || issuer.publicKey.type === 'other') return 'not known';
  return verifySignature(issuer.publicKey, algorithm, signed, signature) ? 'yes' : 'no';
}

function usageName(oid: string): string {
  return Object.entries(extendedKeyUsages).find(([, known]) => known === oid)?.[0] ?? oid;
}

/** One that comes along with an OCSP message; such a one may be anything. */
export function summarizeCertificate(der: Uint8Array): CertificateSummary {
  const sha256 = sha256Hex(der);
  try {
    const { subject, notAfter } = inspectCertificate(der);
    return { subject: subject.text, notAfter: toRfc3339(notAfter), sha256 };
  } catch {
    return { subject: null, notAfter: null, sha256 };
  }
}
