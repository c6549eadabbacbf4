/** The feed's receiving end: revocations and bundles as the authority says them, verified, in force, acknowledged. */
export type { AuditEvidence, AuditMemory, RememberedHead } from './audit-memory.ts';
export type { Random } from './backoff.ts';
export type { FeedEvent, FeedEventListener } from './feed-event.ts';
export type { FeedFollower } from './feed-follower.ts';
export type { FeedOptions } from './feed-options.ts';
export { auditHeadFile, fileAuditMemory, readAuditHead } from './file-audit-memory.ts';
export { followFeed } from './follow-feed.ts';
