/** The audit log: entries chained by their hashes, what checks the chain, and the witnesses that remember its head. */
export type { Actor, ActorKind } from './actor.ts';
export { type AuditAction, auditActions, isAuditAction, issuerActions } from './audit-action.ts';
export { type AuditEntry, type AuditHead, firstHead, headOf, type PersonalField } from './audit-entry.ts';
export { type AuditEvent, auditEvent, type AuditFacts, type AuditPersonal } from './audit-event.ts';
export type { AppendOptions, AuditJournal, PersonalSelector } from './audit-journal.ts';
export { chain, type ChainedEvent, type RandomSalts } from './chain.ts';
export { type EvidenceEntry, EvidenceSelection, type EvidenceSubject } from './evidence.ts';
export { encodeEntry, encodeFacts, entryHash } from './encode-entry.ts';
export { type AuditLine, fromAuditLine, toAuditLine } from './audit-line.ts';
export { type MemoryJournal, memoryJournal } from './memory-journal.ts';
export { mentions, personalHash, selects, withoutValues } from './personal-field.ts';
export {
  type AuditFinding,
  type AuditReport,
  type AuditWitness,
  ChainVerifier,
  type ChainVerifierOptions,
  verifyChain,
} from './verify-chain.ts';
