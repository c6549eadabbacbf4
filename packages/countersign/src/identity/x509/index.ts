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

// Private keys in files: PKCS#8 and PKCS#12, under passwords.
export { type AlgorithmIdentifier } from './pkcs8/algorithm-identifier.ts';
export { decryptPrivateKey, type DecryptedPrivateKey, encryptPrivateKey } from './pkcs8/encrypted-private-key-info.ts';
export { ownFileLimits, type PasswordLimits } from './pkcs8/key-deriver.ts';
export { type Password } from './pkcs8/password.ts';
export {
  type HashName,
  type PasswordCipher,
  type PasswordCryptography,
  type ScryptCosts,
} from './pkcs8/password-cryptography.ts';
export { type Stretching } from './pkcs8/pbes2.ts';
export {
  encodePrivateKeyInfo,
  parsePrivateKeyInfo,
  type PrivateKeyFields,
  PrivateKeyInfo,
} from './pkcs8/private-key-info.ts';
export { encodePkcs12, type Pkcs12WriteOptions } from './pkcs12/encode-pkcs12.ts';
export { type Pkcs12Attribute, type Pkcs12Attributes, type Pkcs12Item } from './pkcs12/items.ts';
export { parsePkcs12, type Pkcs12, type Pkcs12ReadOptions } from './pkcs12/parse-pkcs12.ts';
