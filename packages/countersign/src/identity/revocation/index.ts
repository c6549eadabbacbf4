/** Revocation as a lease: what is revoked, and the signed, numbered feed that says so. */
export { encodeFeedEnvelope, feedSignatureInput, parseFeedEnvelope, type FeedEnvelope } from './feed-envelope.ts';
export type {
  ChangeMessage,
  FeedAuditAnswer,
  FeedAuditHead,
  FeedBundle,
  FeedMessage,
  HeartbeatMessage,
  StateMessage,
} from './feed-message.ts';
export { bundleOf } from './feed-bundle.ts';
export { encodeFeedPayload, parseFeedPayload } from './feed-payload.ts';
export { issuerKeyOf, type Sha256 } from './issuer-key.ts';
export { mostEnvelopeCharacters, mostRevokedEntries, mostRevokedScopes } from './limits.ts';
export { RevocationState } from './revocation-state.ts';
export { type OtherChange, withoutRevocation, type RevocationView } from './revocation-view.ts';
export { revocationKey, revocationReasons, type RevocationReason, type RevokedEntry } from './revoked-entry.ts';
export {
  type ReleasedEntry,
  type RevokedIdentity,
  type RevokedIssuer,
  type RevokedScope,
  scopeKey,
  type ScopeSubject,
} from './revoked-scope.ts';
export { ScopeSet } from './scope-set.ts';
export { signFeedMessage, type FeedSigner } from './sign-feed-message.ts';
export { verifyFeedMessage, type FeedVerification } from './verify-feed-message.ts';
export { checkOcspResponse } from './ocsp/check-ocsp-response.ts';
export {
  defaultOcspAgeMs,
  defaultOcspToleranceMs,
  type OcspAnswer,
  type OcspEvidence,
  type OcspHash,
  type OcspIssuer,
  type OcspQuestion,
  type OcspResponder,
} from './ocsp/ocsp-question.ts';

// Revocation lists (RFC 5280, 6.3).
export { checkPathByLists } from './crl/check-path-by-lists.ts';
export type { CrlQuestion, CrlReport, CrlVerdict, UsedList } from './crl/crl-question.ts';
export { HeldLists } from './crl/held-lists.ts';
export { changes as changesList } from './crl/list-delta.ts';
export { compareNumbers as compareListNumbers } from './crl/list-number.ts';
export { listName } from './crl/list-fault.ts';
export { freshUntil as listFreshUntil } from './crl/list-time.ts';
