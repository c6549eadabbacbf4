/** The API gateway: partners with certificates at the door, routes to plain services behind it, one file that says both. */
export { checkText, type CheckedFile } from './configuration/check-configuration.ts';
export type {
  BoundSettings,
  CertificateMode,
  GatewayFile,
  HostSettings,
  LimitSettings,
  PartnerSettings,
  RouteSettings,
  UpstreamSettings,
  WhoSettings,
} from './configuration/gateway-file.ts';
export { gatewayFile } from './configuration/schema.ts';
export { type Partner, Partners } from './partners.ts';
export { type Asker, decideRequest, type RequestDecision, type RequestInQuestion } from './routing/decide-request.ts';
export { plainHost, plainTarget } from './routing/request-target.ts';
export { type Route, RouteTable } from './routing/route-table.ts';
export { readConfiguration } from './configuration/read-configuration.ts';
export { loadConfiguration, type LoadedConfiguration, type Loading } from './configuration/load-configuration.ts';
export { type Applied, Gateway, type Staged } from './gateway.ts';
export type { GatewayOptions } from './gateway-options.ts';
export { readClientHello, type ReadHello } from './handshake/client-hello.ts';
export { ConfigurationFollower, type Followed, type FollowOptions } from './operating/follow-configuration.ts';
export type { AccessCounts, AccessDecision, AccessRecord } from './serving/access.ts';
export type { IdentityQuestion, MakeHeaders } from './identity/sent-identity.ts';
export type { FeedReport, RevocationMeans, TrustReport } from './trusts/trust-report.ts';
export type { Trusts, TrustsOptions } from './trusts/trusts.ts';
export { meetExpectations, type MetExpectations } from './operating/expectations.ts';
export { withCachedPartners } from './registry/with-cached-partners.ts';
export { type KnownPartners, withKnownPartners } from './registry/with-known-partners.ts';
export { accessLost, type LostAccess } from './operating/access-lost.ts';
export { type AdminView, viewOf } from './operating/admin-view.ts';
export type { FromWorker, ToWorker } from './workers/messages.ts';
export { GatewayWorker, type WorkerChannel, type WorkerOptions } from './workers/worker.ts';
export { GatewayWorkers, type WorkersOptions } from './workers/workers.ts';
export type { CountedDecision, DecisionKind } from './evidence/decision.ts';
export type { EvidenceStatus } from './evidence/evidence-writer.ts';
export { gatewayEvidence, type EvidenceQuestion, type GatewayEvidence } from './evidence/read-evidence.ts';
export {
  type EvidenceFinding,
  type EvidenceGap,
  type EvidenceReport,
  verifyEvidence,
  type VerifyEvidenceOptions,
} from './evidence/verify-evidence.ts';
export { type AdminListener, type AdminPlace, openAdmin } from './operating/admin-listener.ts';
