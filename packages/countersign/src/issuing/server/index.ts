/** The authority's HTTPS face and its local socket: the API, revocation, and the feed's sending end. */
export { type AuthorityAtRest, authorityAtRest } from './at-rest.ts';
export type { AuthorityStores } from './authority-stores.ts';
export type {
  Consent,
  ConsentOutcome,
  ProposalBook,
  ProposalRecord,
  SettingsMemory,
  SettingsRecord,
} from './approval/proposal-book.ts';
export type { EndpointRecord, EndpointRegister } from './endpoint-register.ts';
export { defaultTrustDomain } from './authority-directory.ts';
export { type IssuerAnswer, type IssuerPlan, planIssuer } from './keys/accept-issuer.ts';
export {
  type CarriedAway,
  type Carrying,
  carryRoot,
  exportRoot,
  type MadeRoot,
  makeRoot,
  planSigning,
  type SigningOrder,
  type SigningPlan,
  step,
} from './keys/ceremonies.ts';
export { createOwnAuthority, type OwnAuthorityOrder } from './keys/create-own-authority.ts';
export { type AnsweredKey, keepAnsweredKey } from './keys/keep-answered-key.ts';
export { type ListCeremony, type ListPlan, planRootList } from './keys/list-ceremony.ts';
export type { RootReason } from './keys/root-revocations.ts';
export { rotationFacts } from './keys/replace-issuer.ts';
export { requireOnePerson } from './keys/require-one-person.ts';
export { type IssuerOrder, type RequestedIssuer, requestIssuer } from './keys/request-issuer.ts';
export type { KeptTranscript } from './keys/root-folder.ts';
export type { CeremonyFile, CeremonyStep } from './keys/transcript.ts';
export { type ChangedPassphrase, changePassphrase, type PassphraseChange } from './keys/change-passphrase.ts';
export { type GivenPassphrase, type KeyPassphrases, noPassphrases } from './keys/passphrases.ts';
export type { PeerCredentials, ReadPeerCredentials } from './peer-credentials.ts';
export type {
  FeedChange,
  FeedState,
  ReleaseResult,
  RevocationLedger,
  RevocationOrder,
  RevocationPreview,
  RevocationResult,
} from './revocation-ledger.ts';
export { describeRoutes, type DescribedRoute } from './openapi/describe-routes.ts';
export { checkAuthorityDirectory, type CheckedDirectory } from './check-authority-directory.ts';
export type { Epoch, RecoveryLedger, Snapshots } from './recovery-ledger.ts';
export type { StoreKeeper, TidyCounts, TidyOrder, TidyOutcome, TidyRules } from './store-keeper.ts';
export { defaultTidyRules } from './tidy-rules.ts';
export type { ServerEvent, ServerLog } from './server-event.ts';
export {
  type PublishedAnswer,
  type PublishedRequest,
  type PublishedRoute,
  publishedText,
} from './publishing/published-route.ts';
export {
  listenForPublishing,
  type PublishingListener,
  type PublishingListenerOptions,
} from './publishing/publishing-listener.ts';
export { ocspRoute } from './publishing/ocsp-route.ts';
export type { PublishingSettings } from './settings/publishing-settings.ts';
export type { ReadinessAnswer } from './telemetry/readiness.ts';
export type { LogSettings, OtlpSettings, TelemetrySettings } from './settings/telemetry-settings.ts';
export { type AuthorityServer, type AuthorityServerOptions, type CrashStep, defaultListen } from './start/options.ts';
export { startAuthorityServer } from './start-authority-server.ts';
export type { StoreMeasure, StoreVitals } from './store-vitals.ts';
export { authoritySettings, type AuthoritySettings, settingsFileName } from './settings/authority-settings.ts';
export { type ExportedLists, exportLists, type ListExport } from './export-lists.ts';
export { type PublishedRootList, publishRootList, type RootListFile } from './publish-root-list.ts';
export { type ProfilesSection, toProfileSet } from './settings/profiles-section.ts';
export { purposes } from './settings/profile-settings.ts';
export { readHierarchy } from './read-hierarchy.ts';
export { openSettings, type SettingsSource } from './settings/open-settings.ts';
