/** The authority's HTTPS face and its local socket: the API, revocation, and the feed's sending end. */
export type { AuthorityStores } from './authority-stores.ts';
export type { EndpointRecord, EndpointRegister } from './endpoint-register.ts';
export type { PeerCredentials, ReadPeerCredentials } from './peer-credentials.ts';
export type {
  FeedChange,
  FeedState,
  RevocationLedger,
  RevocationOrder,
  RevocationResult,
} from './revocation-ledger.ts';
export { checkAuthorityDirectory, type CheckedDirectory } from './check-authority-directory.ts';
export type { Epoch, RecoveryLedger, Snapshots } from './recovery-ledger.ts';
export type { StoreKeeper, TidyCounts, TidyOrder, TidyOutcome, TidyRules } from './store-keeper.ts';
export { defaultTidyRules } from './tidy-rules.ts';
export type { ServerEvent, ServerLog } from './server-event.ts';
export {
  type AuthorityServer,
  type AuthorityServerOptions,
  type CrashStep,
  defaultListen,
  startAuthorityServer,
} from './start-authority-server.ts';
export { type AuthoritySettings, settingsFileName } from './settings/authority-settings.ts';
export { openSettings, type SettingsSource } from './settings/open-settings.ts';
