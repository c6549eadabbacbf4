/** The authority: keys, profiles, names, lint, intent, signature. It knows nothing of HTTP or databases, and of tokens that one is used up with the intent to sign. */
export { administratorProfile } from './administrator-profile.ts';
export { type Authority, type AuthorityOptions, clockToleranceMs, openAuthority } from './authority.ts';
export { type AuthorityKeys, issuerChain } from './authority-keys.ts';
export { createAuthority, createOwnHierarchy, type NewAuthority, type OwnHierarchy } from './create-authority.ts';
export { brokenDnsRule } from './dns-name.ts';
export { type DnsPattern, parseDnsPattern } from './dns-pattern.ts';
export { type Decision, dryRun, type DryRun, type DryRunOrder } from './dry-run.ts';
export { type IpRange, parseIpRange } from './ip-range.ts';
export { type ExaminedIssuer, examineIssuer, type IssuerQuestion } from './examine-issuer.ts';
export { encodeIssuerRequest, type IssuerRequestFields, readIssuerRequest } from './issuer-request.ts';
export type { IssueRequest, IssueStep } from './issue-request.ts';
export { type IssuerFacts, KeyCertificate } from './key-certificate.ts';
export { brokenKeyRule, canServe, certifiableKeyTypes, keyUsageOf, requireAllowedKey } from './key-rules.ts';
export type {
  CertificateInventory,
  CertificatePage,
  CertificateRecord,
  Intent,
  IntentOutcome,
  IssuanceLedger,
  IssuedCertificate,
  RecordOutcome,
  Revocation,
  TokenClaim,
  TokenUse,
} from './ledger.ts';
export { keylessAuthority, type PublicHierarchy } from './keyless-authority.ts';
export { isAbsoluteHttpUrl } from './lint-profile-rules.ts';
export { isListTemplate, isShardCount, listAddress, listFolder, mostShards, ownListTemplate } from './list-address.ts';
export type { ListToBeSigned } from './list-to-be-signed.ts';
export { brokenMailboxRule, isMailboxLike, writtenMailbox, writtenName } from './mailbox.ts';
export { type MailboxPattern, parseMailboxPattern } from './mailbox-pattern.ts';
export { type MemoryLedger, memoryLedger } from './memory-ledger.ts';
export { fixedNames, type GrantedNames, grantNames, type JudgedName, judgeNames, listNames } from './names.ts';
export { certifyIssuer, createRoot, type HeldKey, type IssuerOrder } from './own-hierarchy.ts';
export { isPermitted, requirePermittedNames } from './permitted-names.ts';
export { partnerProfile } from './partner-profile.ts';
export { allowedLife } from './prepare.ts';
export { type PathPattern, parsePathPattern } from './path-pattern.ts';
export {
  authorityServerProfile,
  backdateMs,
  type EndEntityKeyUsage,
  feedSigningProfile,
  ocspSigningProfile,
  type NameRules,
  type NameSource,
  ownProfiles,
  type Profile,
  serviceProfile,
  shortestLifeMs,
} from './profile.ts';
export { defaultProfileName, enrolledProfile, type ProfileSet, profileSet, reservedProfiles } from './profile-set.ts';
export { keySigner, type Signer } from './signer.ts';
export { type Widening, widens } from './widens.ts';
