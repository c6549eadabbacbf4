/** The authority's HTTP interface as both sides know it, and its client. */
export { addAdministrator, type AddAdministratorRequest, type AddAdministratorResponse } from './add-administrator.ts';
export type { AdministeredAuthority } from './administered-authority.ts';
export { administratorId, administratorName, administratorNameOf } from './administrator-id.ts';
export {
  auditLine,
  eraseAudit,
  type EraseAuditRequest,
  type EraseAuditResponse,
  readAudit,
  type ReadAuditRequest,
  type ReadAuditResponse,
  recordAuditExport,
  type RecordAuditExportRequest,
  type RecordAuditExportResponse,
} from './audit.ts';
export { authorityId, reservedPath } from './authority-id.ts';
export { authorityMetrics } from './authority-metrics.ts';
export {
  authorityStatus,
  type AuthorityStatus,
  type StatusCertificates,
  type StatusDatabase,
  type StatusLists,
  type StatusEndpointMeans,
  type StatusEndpoints,
  type StatusSource,
  type StatusMeans,
  type StatusOcsp,
  type StatusReason,
  type StatusWarning,
} from './authority-status.ts';
export { createToken, type CreateTokenRequest, type CreateTokenResponse } from './create-token.ts';
export { longestConnectMs, longestExchangeMs, startDeadline, type Deadline } from './deadline.ts';
export { type ApiDescription, describeApi } from './describe-api.ts';
export { enrollOperation, type EnrollRequest } from './enroll.ts';
export { AuthorityAnswer, exchange, saidByAuthority, type Answer, type AuthorityConnection } from './exchange.ts';
export {
  acknowledgeFeed,
  type AfterLease,
  afterLeasePolicies,
  feedAfterLeaseHeader,
  feedLeaseHeader,
  feedAuditHeader,
  feedEndpointHeader,
  feedPath,
  type FeedAcknowledgement,
} from './feed.ts';
export { longestReportedText, mostReportedSources, type ReportedSource, type StatusReport } from './status-report.ts';
export { meetAuthority, requireCloseClocks, type FirstContact, type PinnedAuthority } from './first-contact.ts';
export { encodeInvitation, type Invitation, tokenOfInvitation } from './invitation.ts';
export { invitePartner, type InvitePartnerRequest, type InvitePartnerResponse } from './invite-partner.ts';
export { issuedCredential, type IssuedCredential } from './issued-credential.ts';
export {
  listCertificates,
  type ListCertificatesRequest,
  type ListCertificatesResponse,
  type ListedCertificate,
} from './list-certificates.ts';
export {
  type LostRenewal,
  profileRenewals,
  type ProfileRenewalsRequest,
  type ProfileRenewalsResponse,
} from './profile-renewals.ts';
export { parseHttpDate } from './http-date.ts';
export {
  holdOperation,
  type HoldRequest,
  releaseOperation,
  type ReleaseRequest,
  type ReleaseResponse,
} from './hold.ts';
export {
  type FollowedPartner,
  followedPartners,
  followPartners,
  type FollowPartnersRequest,
  type FollowPartnersResponse,
  largestPartnersBytes,
  longestFollowMs,
} from './follow-partners.ts';
export { listPartners, type ListPartnersRequest, type ListPartnersResponse } from './list-partners.ts';
export { listRoots, type RootsResponse } from './list-roots.ts';
export { feedObserverHeader, type FeedRoutes, localFeed, networkFeed } from './local-feed.ts';
export { openAuthorityAtSocket, openLocalAuthority } from './local-authority.ts';
export { type FeedFarewell, leaveFeed } from './leave-feed.ts';
export { localSocketName } from './local-socket.ts';
export { largestRequestBytes, largestResponseBytes, type Empty, type Operation } from './operation.ts';
export {
  approveProposal,
  type ApproveProposalRequest,
  type ApproveProposalResponse,
  listProposals,
  type ListProposalsResponse,
  type Proposal,
  type ProposalState,
  proposalStates,
  type ProposedBy,
  rejectProposal,
  type RejectProposalRequest,
  type RejectProposalResponse,
} from './proposal.ts';
export type { ListedPartner } from './partner-fields.ts';
export { partnerCertificate, partnerRenewal, type PemOperation, rootsPem } from './partner-uploads.ts';
export {
  addTokenClient,
  type AddTokenClientRequest,
  type AddTokenClientResponse,
  type ClientMetadata,
  type ListedTokenClient,
  listTokenClients,
  type ListTokenClientsRequest,
  type ListTokenClientsResponse,
  removeTokenClient,
  type RemoveTokenClientRequest,
  type RemoveTokenClientResponse,
} from './token-clients.ts';
export { previewRevocation, type RevocationPreviewResponse } from './preview-revocation.ts';
export { openRemoteAuthority, type RemoteAuthority } from './remote-authority.ts';
export { replaceIssuer, type ReplaceIssuerRequest, type ReplaceIssuerResponse } from './replace-issuer.ts';
export { removePartner, type RemovePartnerRequest } from './remove-partner.ts';
export { resumePartner, type ResumePartnerRequest } from './resume-partner.ts';
export { renewExpiredOperation, type RenewExpiredRequest } from './renew-expired.ts';
export { renewalChallenge, type RenewalChallenge } from './renewal-challenge.ts';
export { renewalProof, type RenewalProofFields } from './renewal-proof.ts';
export { renewOperation, type RenewRequest } from './renew.ts';
export {
  reasonsToRevoke,
  revokeOperation,
  type ReasonToRevoke,
  type RevokeRequest,
  type GatewayEnforcement,
  type RevokeResponse,
  type UnreachableEndpoint,
} from './revoke.ts';
export { type Role, roleList, roles } from './role.ts';
export { type FeedReturn, type FeedReturned, largestReturnBytes, returnFeed } from './return-feed.ts';
export { suspendPartner, type SuspendPartnerRequest } from './suspend-partner.ts';
export { type SnapshotResponse, takeSnapshotOperation } from './take-snapshot.ts';
export { decodeToken, encodeToken, type EnrollmentToken } from './token.ts';
export { whoAmI, type WhoAmI } from './who-am-i.ts';
