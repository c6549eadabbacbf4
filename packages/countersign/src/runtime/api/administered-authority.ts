/** The authority as its administrators reach it: one client, whatever carries its requests. */
import { addAdministrator, type AddAdministratorRequest, type AddAdministratorResponse } from './add-administrator.ts';
import {
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
import { authorityStatus, type AuthorityStatus } from './authority-status.ts';
import { createToken, type CreateTokenRequest, type CreateTokenResponse } from './create-token.ts';
import {
  holdOperation,
  type HoldRequest,
  releaseOperation,
  type ReleaseRequest,
  type ReleaseResponse,
} from './hold.ts';
import { invitePartner, type InvitePartnerRequest, type InvitePartnerResponse } from './invite-partner.ts';
import { listCertificates, type ListCertificatesRequest, type ListCertificatesResponse } from './list-certificates.ts';
import { listPartners, type ListPartnersRequest, type ListPartnersResponse } from './list-partners.ts';
import type { Operation } from './operation.ts';
import { previewRevocation, type RevocationPreviewResponse } from './preview-revocation.ts';
import { profileRenewals, type ProfileRenewalsRequest, type ProfileRenewalsResponse } from './profile-renewals.ts';
import {
  approveProposal,
  type ApproveProposalRequest,
  type ApproveProposalResponse,
  listProposals,
  type ListProposalsResponse,
  rejectProposal,
  type RejectProposalRequest,
  type RejectProposalResponse,
} from './proposal.ts';
import { removePartner, type RemovePartnerRequest } from './remove-partner.ts';
import { resumePartner, type ResumePartnerRequest } from './resume-partner.ts';
import { replaceIssuer, type ReplaceIssuerRequest, type ReplaceIssuerResponse } from './replace-issuer.ts';
import { revokeOperation, type RevokeRequest, type RevokeResponse } from './revoke.ts';
import { suspendPartner, type SuspendPartnerRequest } from './suspend-partner.ts';
import {
  addTokenClient,
  type AddTokenClientRequest,
  type AddTokenClientResponse,
  listTokenClients,
  type ListTokenClientsRequest,
  type ListTokenClientsResponse,
  removeTokenClient,
  type RemoveTokenClientRequest,
  type RemoveTokenClientResponse,
} from './token-clients.ts';
import { type SnapshotResponse, takeSnapshotOperation } from './take-snapshot.ts';

export interface AdministeredAuthority {
  createToken(request: CreateTokenRequest): Promise<CreateTokenResponse>;
  listCertificates(request: ListCertificatesRequest): Promise<ListCertificatesResponse>;
  revoke(request: RevokeRequest): Promise<RevokeResponse>;
  previewRevocation(request: RevokeRequest): Promise<RevocationPreviewResponse>;
  hold(request: HoldRequest): Promise<RevokeResponse>;
  release(request: ReleaseRequest): Promise<ReleaseResponse>;
  profileRenewals(request: ProfileRenewalsRequest): Promise<ProfileRenewalsResponse>;
  takeSnapshot(): Promise<SnapshotResponse>;
  readAudit(request: ReadAuditRequest): Promise<ReadAuditResponse>;
  recordAuditExport(request: RecordAuditExportRequest): Promise<RecordAuditExportResponse>;
  eraseAudit(request: EraseAuditRequest): Promise<EraseAuditResponse>;
  status(): Promise<AuthorityStatus>;
  addAdministrator(request: AddAdministratorRequest): Promise<AddAdministratorResponse>;
  replaceIssuer(request: ReplaceIssuerRequest): Promise<ReplaceIssuerResponse>;
  invitePartner(request: InvitePartnerRequest): Promise<InvitePartnerResponse>;
  listPartners(request: ListPartnersRequest): Promise<ListPartnersResponse>;
  suspendPartner(request: SuspendPartnerRequest): Promise<RevokeResponse>;
  resumePartner(request: ResumePartnerRequest): Promise<RevokeResponse>;
  removePartner(request: RemovePartnerRequest): Promise<RevokeResponse>;
  listTokenClients(request: ListTokenClientsRequest): Promise<ListTokenClientsResponse>;
  addTokenClient(request: AddTokenClientRequest): Promise<AddTokenClientResponse>;
  removeTokenClient(request: RemoveTokenClientRequest): Promise<RemoveTokenClientResponse>;
  listProposals(): Promise<ListProposalsResponse>;
  approveProposal(request: ApproveProposalRequest): Promise<ApproveProposalResponse>;
  rejectProposal(request: RejectProposalRequest): Promise<RejectProposalResponse>;
  close(): Promise<void>;
}

/** What a transport does: carries one request and its answer, within `limitMs` where that is given. */
export type Ask = <Q, A>(operation: Operation<Q, A>, request: Q, limitMs?: number) => Promise<A>;

/** A revocation waits for endpoints, each until its lease ends at most; the rest answer at once. */
const revocationLimitMs = 60_000;

/** Every certificate on record is looked at: a million take half a minute. */
const longScanLimitMs = 120_000;

/** A million certificates take some seconds; a slow disk under load many times that. */
const snapshotLimitMs = 3_600_000;

/** The whole log is looked through: about a second for a million entries. */
const erasureLimitMs = 60_000;

export function administer(ask: Ask, close: () => Promise<void>): AdministeredAuthority {
  return {
    createToken: (request) => ask(createToken, request),
    listCertificates: (request) => ask(listCertificates, request),
    revoke: (request) => ask(revokeOperation, request, revocationLimitMs),
    previewRevocation: (request) => ask(previewRevocation, request),
    hold: (request) => ask(holdOperation, request, revocationLimitMs),
    release: (request) => ask(releaseOperation, request, revocationLimitMs),
    profileRenewals: (request) => ask(profileRenewals, request, longScanLimitMs),
    takeSnapshot: () => ask(takeSnapshotOperation, {}, snapshotLimitMs),
    readAudit: (request) => ask(readAudit, request),
    recordAuditExport: (request) => ask(recordAuditExport, request),
    eraseAudit: (request) => ask(eraseAudit, request, erasureLimitMs),
    status: () => ask(authorityStatus, {}),
    addAdministrator: (request) => ask(addAdministrator, request),
    replaceIssuer: (request) => ask(replaceIssuer, request),
    invitePartner: (request) => ask(invitePartner, request),
    listPartners: (request) => ask(listPartners, request),
    suspendPartner: (request) => ask(suspendPartner, request, revocationLimitMs),
    resumePartner: (request) => ask(resumePartner, request, revocationLimitMs),
    removePartner: (request) => ask(removePartner, request, revocationLimitMs),
    listTokenClients: (request) => ask(listTokenClients, request),
    addTokenClient: (request) => ask(addTokenClient, request),
    removeTokenClient: (request) => ask(removeTokenClient, request),
    listProposals: () => ask(listProposals, {}),
    approveProposal: (request) => ask(approveProposal, request, erasureLimitMs),
    rejectProposal: (request) => ask(rejectProposal, request),
    close,
  };
}
