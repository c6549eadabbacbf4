/** The request with which an issuer is certified by another authority, above it (PKCS#10, RFC 2986). */
import { parseTrustDomain } from '../../identity/spiffe/index.ts';
import {
  basicConstraintsExtension,
  type CertificationRequest,
  encodeCertificationRequestInfo,
  encodeSigned,
  extensionOids,
  keyIdentifier,
  keyUsageExtension,
  parseCertificationRequest,
  subjectKeyIdentifierExtension,
  verifyCertificationRequest,
} from '../../identity/x509/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { type PrivateKey, sha256, verifySignature } from '../../runtime/cryptography/index.ts';
import { authorityName, newMark } from './own-hierarchy.ts';

export interface IssuerRequestFields {
  readonly trustDomain: string;
  /** Name, DER; default the trust domain's with a mark of its own. */
  readonly subject?: Uint8Array | undefined;
}

/**
 * It asks for what an issuer of end-entities needs and no more: an authority with path length 0, the key's usages, the trust domain as a URI. No
 * extended usages: on an issuer they narrow what stands below, and without any nothing is excluded.
 */
export function encodeIssuerRequest(privateKey: PrivateKey, { trustDomain, subject }: IssuerRequestFields): Uint8Array {
  parseTrustDomain(trustDomain);
  const publicKey = privateKey.publicKey.raw;
  const info = encodeCertificationRequestInfo({
    subject: subject ?? authorityName(trustDomain, 'issuer', newMark()),
    publicKey,
    subjectAltName: { uri: [`spiffe://${trustDomain}`] },
    extensions: [
      basicConstraintsExtension({ ca: true, pathLength: 0 }),
      keyUsageExtension(['keyCertSign', 'cRLSign']),
      subjectKeyIdentifierExtension(keyIdentifier(publicKey, sha256)),
    ],
  });
  return encodeSigned(info, privateKey.signatureAlgorithm, privateKey.sign(info));
}

/** What a root of one's own is asked to certify: a request as `encodeIssuerRequest` makes them, and of its own trust domain. */
export function readIssuerRequest(der: Uint8Array, trustDomain: string): CertificationRequest {
  const request = parseCertificationRequest(der);
  verifyCertificationRequest(request, verifySignature);
  const { subject, subjectAltName, extensions } = request;
  if (subject.isEmpty) throw unfit('it has a subject');
  const asked = subjectAltName.uri.join(', ');
  if (asked !== `spiffe://${trustDomain}`) throw unfit(`it asks for spiffe://${trustDomain}, and not for "${asked}"`);
  if (!extensions.some(({ oid }) => oid === extensionOids.basicConstraints)) throw unfit('it asks to be an authority');
  return request;
}

function unfit(rule: string): Refusal {
  return new Refusal('CS-CEREMONY-001', { rule });
}
