/** The authority: keys, profiles, names, lint, intent, signature. It knows nothing of HTTP, tokens or databases. */
export { administratorProfile } from './administrator-profile.ts';
export { type Authority, type AuthorityOptions, clockToleranceMs, openAuthority } from './authority.ts';
export { type AuthorityKeys, issuerChain } from './authority-keys.ts';
export { createAuthority, createOwnHierarchy, type NewAuthority, type OwnHierarchy } from './create-authority.ts';
export { type ExaminedIssuer, examineIssuer, type IssuerQuestion } from './examine-issuer.ts';
export { encodeIssuerRequest, type IssuerRequestFields, readIssuerRequest } from './issuer-request.ts';
export type { IssueRequest, IssueStep } from './issue-request.ts';
export { type IssuerFacts, KeyCertificate } from './key-certificate.ts';
export type {
  CertificateInventory,
  CertificatePage,
  CertificateRecord,
  Intent,
  IssuanceLedger,
  IssuedCertificate,
  RecordOutcome,
  Revocation,
} from './ledger.ts';
export { type MemoryLedger, memoryLedger } from './memory-ledger.ts';
export { type GrantedNames, grantNames, listNames } from './names.ts';
export { certifyIssuer, createRoot, type HeldKey, type IssuerOrder } from './own-hierarchy.ts';
export { isPermitted, requirePermittedNames } from './permitted-names.ts';
export { allowedLife } from './prepare.ts';
export { authorityServerProfile, backdateMs, feedSigningProfile, type Profile, serviceProfile } from './profile.ts';
export { keySigner, type Signer } from './signer.ts';
