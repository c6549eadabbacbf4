/** What the routes work with. */
import type { Clock } from '../../ground/clock/index.ts';
import type { AuditJournal } from '../../runtime/audit/index.ts';
import type { Source } from '../../runtime/tls/index.ts';
import type { Authority, CertificateInventory, ProfileSet } from '../authority/index.ts';
import type { Enrollment, RenewalChallenges } from '../enrollment-server/index.ts';
import type { PartnerBook } from '../partner-registry/index.ts';
import type { TokenClients } from '../token-issuer/index.ts';
import type { Administrators } from './access/administrators.ts';
import type { Proposals } from './approval/proposals.ts';
import type { Endpoints } from './endpoints.ts';
import type { Feed } from './feed.ts';
import type { OwnCertificate } from './own-certificate.ts';
import type { PartnerFollowers } from './partners/followers.ts';
import type { PartnersSection } from './settings/partners-section.ts';
import type { TokenIssuerSettings } from './settings/token-issuer-settings.ts';
import type { SnapshotParts } from './snapshot.ts';
import type { Epoch } from './recovery-ledger.ts';
import type { RevokeStep } from './revoke-step.ts';
import type { RevocationLedger } from './revocation-ledger.ts';
import type { ServerLog } from './server-event.ts';
import type { Readiness } from './telemetry/readiness.ts';
import type { ServerState } from './telemetry/server-state.ts';
import type { ServerTelemetry } from './telemetry/server-telemetry.ts';

export interface ServerParts {
  readonly authority: Authority;
  readonly enrollment: Enrollment;
  readonly challenges: RenewalChallenges;
  readonly inventory: CertificateInventory;
  readonly administrators: Source<Administrators>;
  /** Of the issuer that signs now and of those that were replaced and are needed still. */
  readonly issuerKeys: ReadonlySet<string>;
  readonly proposals: Proposals;
  readonly partners: PartnerBook;
  readonly partnerFollowers: PartnerFollowers;
  /** Those that administrators registered. */
  readonly tokenClients: TokenClients;
  /** In force at this moment. */
  readonly tokenIssuerSettings: () => TokenIssuerSettings | undefined;
  readonly partnerSettings: () => PartnersSection | undefined;
  /** Where the keys are, and which database goes with them. */
  readonly keyPlace: { readonly dir: string; readonly ledgerId: string };
  /** Set where the authority was restored from a backup. */
  readonly epoch: Epoch | undefined;
  readonly profiles: Source<ProfileSet>;
  readonly feed: Feed;
  readonly revocations: Pick<RevocationLedger, 'previewRevocation'>;
  readonly audit: AuditJournal;
  readonly endpoints: Endpoints;
  /** Certificates of the authority's own that must be replaced when they are revoked. */
  readonly own: readonly OwnCertificate[];
  readonly clock: Clock;
  readonly snapshots: SnapshotParts;
  readonly log: ServerLog;
  /** For tests that end the process at a named step. */
  readonly onStep?: ((step: RevokeStep) => void) | undefined;
  readonly telemetry: ServerTelemetry;
  readonly state: ServerState;
  readonly readiness: Readiness;
  readonly sinceMs: number;
  /** Of this program. */
  readonly version: string;
  /** How long `revoke` waits for endpoints. */
  readonly enforcementWaitMs: number;
  /** Lower-case hexadecimal SHA-256 of the root. */
  readonly rootSha256: string;
  /** `https://host:port`; known once it listens, which is before any request. */
  readonly url: () => string;
}
