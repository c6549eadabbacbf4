/**
 * X.509 certificates and their path validation (RFC 5280): strict, synchronous, without I/O, with cryptography handed in.
 * ECDSA on P-256 and P-384 and Ed25519; names DNS, URI and IP. Name constraints and policies are refused, not processed.
 */
export {
  algorithmFits,
  type KeyType,
  ownSignatureAlgorithm,
  type PublicKeyInfo,
  readPublicKeyInfo,
  type SignatureAlgorithm,
  type VerifySignature,
} from './algorithms.ts';
export { type Certificate, isSelfIssued, parseCertificate } from './certificate.ts';
export {
  type CertificationRequest,
  parseCertificationRequest,
  verifyCertificationRequest,
} from './certification-request.ts';
export { type DistinguishedName, encodeName } from './distinguished-name.ts';
export {
  type CertificationRequestFields,
  encodeCertificationRequestInfo,
  encodeSigned,
  encodeTbsCertificate,
  keyIdentifier,
  type TbsFields,
} from './encode.ts';
export {
  authorityKeyIdentifierExtension,
  type BasicConstraints,
  basicConstraintsExtension,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  type Extension,
  extensionOids,
  type KeyUsage,
  keyUsageExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from './extensions.ts';
export { type GeneralNames, noNames } from './general-names.ts';
export { formatIpAddress, parseIpAddress } from './ip-address.ts';
export { sameCertificates } from './same-certificates.ts';
export { certificateCarriesName } from './certificate-names.ts';
export { readCertificatesPem } from './pem-certificates.ts';
export { type PathInput, type PathPurpose, type ValidatedPath, validatePath } from './validate-path.ts';
