/** Who signed an OCSP response, if it is one who may (RFC 6960, 4.2.2.2). */
import { toHex } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import {
  algorithmFits,
  type BasicOcspResponse,
  type Certificate,
  extendedKeyUsages,
  extensionOids,
  parseCertificate,
  type PublicKeyInfo,
  requireSoundKey,
  requireSoundSignature,
  sameName,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
} from '../../x509/index.ts';
import { defaultOcspToleranceMs, type OcspIssuer, type OcspQuestion, type OcspResponder } from './ocsp-question.ts';

/** Certificates that are looked at in one response: each may cost a signature, and whoever sends it need not be who signed it. Own choice. */
const mostCertificates = 8;

/** Throws CS-OCSP-003 where nobody that it can be may answer, CS-OCSP-004 where one may and the signature is not his. */
export function findResponder(basic: BasicOcspResponse, question: OcspQuestion): OcspResponder {
  const { issuer, trustedResponders = [] } = question;
  if (isNamed(issuer, basic, question)) {
    requireSigned(basic, issuer.publicKey, question);
    return { kind: 'issuer' };
  }
  const trusted = trustedResponders.find((certificate) => isNamed(certificate, basic, question));
  if (trusted !== undefined) {
    requireInTime(trusted, basic, question);
    requireSigned(basic, trusted.publicKey, question);
    return { kind: 'trusted', certificate: trusted };
  }
  const certificate = delegated(basic, question);
  requireSigned(basic, certificate.publicKey, question);
  return { kind: 'delegated', certificate, mustBeChecked: !hasExtension(certificate, extensionOids.ocspNoCheck) };
}

export function responderName(responder: OcspResponder): string {
  return responder.kind === 'issuer' ? "the certificate's issuer" : nameOf(responder.certificate);
}

function nameOf({ subject, serialNumber }: Certificate): string {
  return subject.isEmpty ? `serial ${serialNumber}` : subject.text;
}

function isNamed(
  { subject, publicKey }: OcspIssuer,
  { responderId }: BasicOcspResponse,
  question: OcspQuestion,
): boolean {
  if (responderId.by === 'name') return sameName(responderId.name, subject);
  return toHex(question.hash('SHA-1', publicKey.key)) === responderId.keyHash;
}

/** The first that is named and may; else what is wrong with the first that is named. */
function delegated(basic: BasicOcspResponse, question: OcspQuestion): Certificate {
  let fault: Refusal | undefined;
  for (const der of basic.certificates.slice(0, mostCertificates)) {
    const certificate = certificateIfAny(der);
    if (certificate === undefined || !isNamed(certificate, basic, question)) continue;
    try {
      requireDelegated(certificate, basic, question);
      return certificate;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      fault ??= error;
    }
  }
  throw fault ?? refuse('neither the issuer nor a certificate in the answer is the one that it names', basic, question);
}

/** What else a responder puts there concerns nobody. */
function certificateIfAny(der: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(der);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/** 4.2.2.2: issued directly, by the same key as the certificate in question, with id-kp-OCSPSigning written out. */
function requireDelegated(certificate: Certificate, basic: BasicOcspResponse, question: OcspQuestion): void {
  const { issuer, dangerouslyAllow } = question;
  const wrong = (rule: string): Refusal => refuse(rule, basic, question);
  if (!sameName(certificate.issuer, issuer.subject))
    throw wrong("another authority issued the responder's certificate");
  if (certificate.extendedKeyUsage?.includes(extendedKeyUsages.OCSPSigning) !== true) {
    throw wrong("the responder's certificate is not for OCSPSigning");
  }
  if (certificate.keyUsage?.includes('digitalSignature') === false) {
    throw wrong("the responder's certificate is not for signatures");
  }
  const unknown = certificate.extensions.find(({ oid, critical }) => critical && !processed.has(oid));
  if (unknown !== undefined) throw wrong(`the responder's certificate has a critical extension ${unknown.oid}`);
  requireInTime(certificate, basic, question);
  requireSoundKey(certificate.publicKey, dangerouslyAllow);
  if (!isSignedBy(certificate, issuer.publicKey, question)) {
    throw wrong("the responder's certificate is not signed by the key that signed the certificate");
  }
}

/** Of an end-entity's certificate, which a responder's is; name constraints and policies say nothing of who may answer. */
const processed: ReadonlySet<string> = new Set([
  extensionOids.basicConstraints,
  extensionOids.keyUsage,
  extensionOids.extendedKeyUsage,
  extensionOids.subjectAltName,
  extensionOids.subjectKeyIdentifier,
  extensionOids.authorityKeyIdentifier,
  extensionOids.certificatePolicies,
  extensionOids.ocspNoCheck,
]);

function requireInTime({ notBefore, notAfter }: Certificate, basic: BasicOcspResponse, question: OcspQuestion): void {
  const { at, toleranceMs = defaultOcspToleranceMs } = question;
  if (at + toleranceMs < notBefore) throw refuse("the responder's certificate is not valid yet", basic, question);
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  if (at - toleranceMs >= notAfter + 1000) throw refuse("the responder's certificate has expired", basic, question);
}

function hasExtension({ extensions }: Certificate, wanted: string): boolean {
  return extensions.some(({ oid }) => oid === wanted);
}

function refuse(rule: string, basic: BasicOcspResponse, { certificate }: OcspQuestion): Refusal {
  return new Refusal('CS-OCSP-003', { serial: certificate.serialNumber, responder: idText(basic), rule });
}

function idText({ responderId }: BasicOcspResponse): string {
  return responderId.by === 'name' ? responderId.name.text : `key ${responderId.keyHash}`;
}

function requireSigned(basic: BasicOcspResponse, key: PublicKeyInfo, question: OcspQuestion): void {
  requireSoundKey(key, question.dangerouslyAllow);
  if (isSignedBy(basic, key, question)) return;
  throw new Refusal('CS-OCSP-004', { serial: question.certificate.serialNumber, responder: idText(basic) });
}

interface Signed {
  readonly tbs: Uint8Array;
  readonly signatureAlgorithm: SignatureAlgorithm | UnknownAlgorithm;
  readonly signature: Uint8Array;
}

/** Throws CS-X509-002 for an algorithm that is not accepted. */
function isSignedBy(
  { tbs, signatureAlgorithm: algorithm, signature }: Signed,
  key: PublicKeyInfo,
  { verifySignature, dangerouslyAllow }: OcspQuestion,
): boolean {
  requireSoundSignature(algorithm, dangerouslyAllow);
  return algorithmFits(algorithm, key.type) && verifySignature(key, algorithm, tbs, signature);
}
