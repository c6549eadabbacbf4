/**
 * X.509 to the letter: certificates, requests, revocation lists, OCSP messages, keys and PKCS#12 as strict DER, and path
 * validation (RFC 5280 section 6, RFC 9618, RFC 9525) whose result says what was checked and why it was refused. Synchronous,
 * without I/O, with cryptography handed in. Absent: fetching of anything, and the rules of revocation.
 */
export {
  algorithmFits,
  encodeSignatureAlgorithm,
  isKeyType,
  isKnownAlgorithm,
  isOutdated,
  type KeyType,
  type OutdatedSignatureAlgorithm,
  ownSignatureAlgorithm,
  parsePublicKeyInfo,
  type PublicKeyInfo,
  type PublicKeyType,
  readPublicKeyInfo,
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
  type SoundSignatureAlgorithm,
  type UnknownAlgorithm,
  type VerifySignature,
} from './algorithms.ts';
export {
  type Certificate,
  isSelfIssued,
  parseCertificate,
  parseTbsCertificate,
  type TbsCertificate,
} from './certificate.ts';
export { inspectCertificate, type InspectedCertificate } from './inspect-certificate.ts';
export {
  type CertificationRequest,
  parseCertificationRequest,
  verifyCertificationRequest,
} from './certification-request.ts';
export { DistinguishedName, encodeName, type NameAttribute, readName, sameName } from './distinguished-name.ts';
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
  type AuthorityKeyIdentifier,
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
export {
  type NameConstraints,
  nameConstraintsExtension,
  type Subtrees,
  type WritableSubtrees,
} from './extensions/name-constraints.ts';
export {
  anyPolicy,
  certificatePoliciesExtension,
  inhibitAnyPolicyExtension,
  type PolicyConstraints,
  policyConstraintsExtension,
  type PolicyInformation,
  type PolicyMapping,
  policyMappingsExtension,
  type PolicyQualifier,
} from './extensions/policies.ts';
export {
  encodeGeneralNames,
  type GeneralNames,
  noNames,
  otherKinds,
  type OtherName,
  type WritableNames,
} from './general-names.ts';
export { formatIpAddress, parseIpAddress } from './ip-address.ts';
export type { KnownExtensions } from './known-extensions.ts';
export { naming } from './naming.ts';
export { sameCertificates } from './same-certificates.ts';
export { certificateCarriesName } from './certificate-names.ts';
export { readCertificatesPem } from './pem-certificates.ts';
export { attributeName } from './names/attribute-types.ts';
export { carriesPeerName, type PeerName, peerNameOf, type WildcardsAllowed } from './names/peer-name.ts';
export { defaultPathLimits, type PathLimits } from './path/budget.ts';
export { constrainedName, type NamesInQuestion } from './path/constrained-name.ts';
export { requireSoundKey, requireSoundSignature } from './path/certificate-rules.ts';
export { examinePaths, type ValidatedPath, validatePath } from './path/examine-paths.ts';
export type { PathInput, PathProfile, PathPurpose, PolicyInput, Weakness } from './path/path-input.ts';
export type { ExaminedPath, PathCheck, PathReport, PathWork } from './path/path-report.ts';
export type { NamedKey, TrustAnchor } from './path/trust-anchor.ts';
export { type CertificateTemplate, certificateTemplateExtension } from './extensions/certificate-template.ts';
export {
  type CertificateTimestamp,
  certificateTimestampsExtension,
  readCertificateTimestamps,
  type UnknownTimestamp,
} from './extensions/certificate-timestamps.ts';
export { type DescribedExtension, describeExtension } from './extensions/describe-extension.ts';
export {
  crlDistributionPointsExtension,
  type DistributionPoint,
  type DistributionPointName,
  encodeReasonFlags,
  freshestCrlExtension,
  readDistributionPointName,
  readDistributionPoints,
  type ReasonFlag,
  readReasonFlags,
  type WritableDistributionPoint,
} from './extensions/distribution-points.ts';
export {
  type AccessDescription,
  accessMethods,
  authorityInfoAccessExtension,
  readInformationAccess,
  subjectInfoAccessExtension,
  type WritableAccess,
} from './extensions/information-access.ts';
export { issuerAltNameExtension, readIssuerAltName } from './extensions/issuer-alt-name.ts';
export { noRevAvailExtension, ocspNoCheckExtension, precertificatePoisonExtension } from './extensions/markers.ts';
export { netscapeCommentExtension, readNetscapeComment } from './extensions/netscape-comment.ts';
export { noRevAvailConflict } from './extensions/no-rev-avail.ts';
export { type OrganizationIdentifier, organizationIdentifierExtension } from './extensions/organization-identifier.ts';
export { paymentRoles, type PaymentServices } from './extensions/payment-services.ts';
export {
  cpsQualifier,
  type DescribedQualifier,
  describeQualifier,
  policyQualifierIds,
  type UserNotice,
  userNoticeQualifier,
} from './extensions/policy-qualifiers.ts';
export { type PrivateKeyUsagePeriod, privateKeyUsagePeriodExtension } from './extensions/private-key-usage-period.ts';
export {
  type MonetaryValue,
  type QcStatement,
  qcStatementIds,
  qcTypes,
  type SemanticsInformation,
} from './extensions/qc-statement.ts';
export { qcStatementsExtension, readQcStatements } from './extensions/qc-statements.ts';
export {
  type DirectoryAttribute,
  subjectDirectoryAttributesExtension,
} from './extensions/subject-directory-attributes.ts';
export { readTlsFeature, tlsFeatureExtension, tlsFeatures } from './extensions/tls-feature.ts';
export { decodeExtension } from './extensions.ts';
export { parseNameText } from './names/parse-name.ts';

// Revocation lists and OCSP messages, read and written; the rules of revocation are not here.
export { type CertificateList, certificateListInSteps, parseCertificateList } from './crl/certificate-list.ts';
export {
  crlIssuerAltNameExtension,
  crlNumberExtension,
  deltaCrlIndicatorExtension,
  entryExtensions,
  type EntryExtensionFields,
  expiredCertsOnCrlExtension,
  issuingDistributionPointExtension,
} from './crl/crl-extensions.ts';
export type { ResolvedPointName } from './crl/distribution-point-name.ts';
export { encodeTbsCertList, type RevokedEntryFields, type TbsCertListFields } from './crl/encode-tbs-cert-list.ts';
export { crlEntryExtensionOids, crlExtensionOids } from './crl/extension-oids.ts';
export type { IssuingDistributionPoint, IssuingDistributionPointFields } from './crl/issuing-distribution-point.ts';
export type { RevocationReason } from './crl/revocation-reason.ts';
export type { RevokedCertificate } from './crl/revoked-certificate.ts';
export type { RevokedCertificates } from './crl/revoked-certificates.ts';
export { type CertId, type CertIdHash, certIdIsOf, type CertIdIssuer, encodeCertId } from './ocsp/cert-id.ts';
export {
  encodeOcspRequest,
  encodeTbsRequest,
  type RequestSignatureFields,
  type TbsRequestFields,
} from './ocsp/encode-ocsp-request.ts';
export {
  encodeOcspError,
  encodeOcspResponse,
  encodeResponseData,
  type ResponseDataFields,
} from './ocsp/encode-ocsp-response.ts';
export { ocspOids } from './ocsp/extension-oids.ts';
export {
  acceptableResponsesExtension,
  archiveCutoffExtension,
  type CrlReference,
  extendedRevokeExtension,
  nonceExtension,
} from './ocsp/extensions.ts';
export {
  type OcspRequest,
  type OcspRequestSignature,
  parseOcspRequest,
  type SingleRequest,
} from './ocsp/ocsp-request.ts';
export {
  type BasicOcspResponse,
  type OcspResponse,
  parseBasicOcspResponse,
  parseOcspResponse,
  type ResponderId,
} from './ocsp/ocsp-response.ts';
export type { OcspError } from './ocsp/response-status.ts';
export type { CertStatus, OcspReading, SingleResponse, SingleResponseFields } from './ocsp/single-response.ts';

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
