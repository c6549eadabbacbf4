/**
 * Where an endpoint's knowledge of revocation comes from: the feed, whose revocations and bundles are verified, in force and acknowledged; and
 * lists, fetched ahead.
 */
export type { AuditEvidence, AuditMemory, RememberedHead } from './audit-memory.ts';
export type { Random } from './backoff.ts';
export type { FeedEvent, FeedEventListener } from './feed-event.ts';
export type { FeedFollower } from './feed-follower.ts';
export type { FeedOptions } from './feed-options.ts';
export { auditHeadFile, fileAuditMemory, readAuditHead } from './file-audit-memory.ts';
export { followFeed } from './follow-feed.ts';

// The way to what others publish.
export { retrieve } from './retrieve/retrieve.ts';
export type { PrivateRanges, Retrieved, RetrieveRequest, Validators } from './retrieve/retrieve-request.ts';

// Lists (CRLs), by file and by address.
export { checkListFile } from './lists/check-list-file.ts';
export { openLists } from './lists/open-lists.ts';
export type { ListOptions, Lists, ListScope, ListSource, VerifyAside } from './lists/list-options.ts';
// The means of one endpoint, together.
export {
  type OpenStatusMeans,
  openStatusMeans,
  type StatusMeans,
  type StatusMeansOptions,
} from './means/status-means.ts';
export { openStaple, type StapleMeans, type StapleMeansOptions } from './means/open-staple.ts';
// OCSP: of peers, and stapled for oneself.
export { keepStaple, type KeptStaple, type StapleOptions } from './ocsp/keep-staple.ts';
export type { AskingOptions, OcspOptions } from './ocsp/ocsp-options.ts';
export type { OcspRetrieval, OcspRetriever } from './ocsp/ocsp-retriever.ts';
export { type OpenOcsp, openOcsp } from './ocsp/open-ocsp.ts';
