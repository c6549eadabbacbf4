/** A refusal as an HTTP problem document (RFC 9457), and back. */
import { entryOf, isRefusalCode, type EvidenceOf, type Fact, type RefusalCode } from './registry/registry.ts';
import { Refusal } from './refusal.ts';

export const problemContentType = 'application/problem+json';

export interface ProblemDocument {
  /** A URI that names the kind of problem; the code is its last part. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: RefusalCode;
  readonly remedy: string;
  readonly evidence: Readonly<Record<string, Fact>>;
}

export function toProblemDocument(refusal: Refusal): ProblemDocument {
  const entry = entryOf(refusal.code);
  return {
    type: `urn:countersign:refusal:${refusal.code}`,
    title: entry.title,
    status: entry.http,
    detail: entry.cause,
    code: refusal.code,
    remedy: entry.remedy,
    evidence: refusal.evidence,
  };
}

/** The refusal that a peer's problem document speaks of; `undefined` where it is not one of ours. */
export function fromProblemDocument(value: unknown): Refusal | undefined {
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined;
  if (typeof value.code !== 'string' || !isRefusalCode(value.code)) return undefined;
  const given: Record<string, unknown> =
    'evidence' in value && typeof value.evidence === 'object' && value.evidence !== null ? { ...value.evidence } : {};
  const evidence = Object.fromEntries(entryOf(value.code).evidence.map((name) => [name, toFact(given[name])]));
  return new Refusal(value.code, evidence as EvidenceOf<RefusalCode>);
}

function toFact(value: unknown): Fact {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  // Not String(member): an object of a stranger's JSON can have a "toString" that is no function.
  if (Array.isArray(value)) return value.map((member: unknown) => (typeof member === 'string' ? member : 'not said'));
  return 'not said';
}
