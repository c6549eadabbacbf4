/** Checks what a gateway has written down, without it: each entry and its place, each signature, and which times it does not tell of. */
import { fromBase64 } from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { parsePublicKeyInfo, type PublicKeyInfo } from '../../../identity/x509/index.ts';
import { type AuditEntry, type AuditFinding, ChainVerifier } from '../../../runtime/audit/index.ts';
import { sha256Hex, verifySignature } from '../../../runtime/cryptography/index.ts';
import { type CountedDecision, parseDecision } from './decision.ts';
import { checkpointBytes, decisionField, evidenceActions } from './evidence-event.ts';

export type EvidenceFinding =
  | AuditFinding
  /** The signature is not one of the key over what stands there. */
  | { readonly kind: 'not-signed'; readonly sequence: number; readonly key: string }
  /** No checkpoint comes after them. */
  | { readonly kind: 'unsigned-end'; readonly sequence: number; readonly through: number }
  /** Its key is none of those that were given. */
  | { readonly kind: 'other-key'; readonly sequence: number; readonly key: string };

export interface EvidenceGap {
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly reason: string;
  /** Decisions that were counted and not kept. */
  readonly lost: number;
}

export interface EvidenceReport {
  readonly entries: number;
  readonly from: number;
  readonly through: number;
  /** Of its last entry. */
  readonly hash: string;
  /** SHA-256 of the public keys that signed. */
  readonly keys: readonly string[];
  readonly findings: readonly EvidenceFinding[];
  readonly gaps: readonly EvidenceGap[];
  /** The same decision of all intervals as one, in the order of routes. */
  readonly decisions: readonly CountedDecision[];
  /** Decisions that the file does not say: about others. */
  readonly others: number;
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
}

export interface VerifyEvidenceOptions {
  /** SubjectPublicKeyInfo in base64. */
  readonly publicKeys: readonly string[];
  /** SHA-256 of those that an auditor knows on another way; none: whichever the file names. */
  readonly knownKeys?: readonly string[];
  /** What the file says of its own length. */
  readonly said?: { readonly from: number; readonly through: number };
}

export function verifyEvidence(entries: Iterable<AuditEntry>, options: VerifyEvidenceOptions): EvidenceReport {
  const verifier = new EvidenceVerifier(options);
  for (const entry of entries) verifier.push(entry);
  return verifier.end();
}

class EvidenceVerifier {
  readonly #chain: ChainVerifier;
  readonly #keys = new Map<string, PublicKeyInfo>();
  readonly #known: readonly string[];
  readonly #said: VerifyEvidenceOptions['said'];
  readonly #used = new Set<string>();
  readonly #findings: EvidenceFinding[] = [];
  readonly #gaps: EvidenceGap[] = [];
  readonly #decisions = new Map<string, CountedDecision>();
  #others = 0;
  #first: AuditEntry | undefined;
  #last: AuditEntry | undefined;
  #signed = 0;

  constructor({ publicKeys, knownKeys = [], said }: VerifyEvidenceOptions) {
    const witnesses = said === undefined ? [] : [{ name: "the file's first line", sequence: said.through }];
    this.#chain = new ChainVerifier({ from: 'anywhere', witnesses });
    this.#known = knownKeys;
    this.#said = said;
    for (const text of publicKeys) {
      const raw = fromBase64(text);
      const key = raw && keyIn(raw);
      if (raw !== undefined && key !== undefined) this.#keys.set(sha256Hex(raw), key);
    }
  }

  push(entry: AuditEntry): void {
    const isFirst = this.#first === undefined;
    this.#first ??= entry;
    if (isFirst && this.#said !== undefined && entry.sequence > this.#said.from)
      this.#findings.push({ kind: 'dropped', sequence: this.#said.from, through: entry.sequence - 1 });
    this.#chain.push(entry);
    this.#last = entry;
    if (entry.action === evidenceActions.checkpoint) this.#checkpoint(entry);
    else if (entry.action === evidenceActions.gap) this.#gap(entry);
    else if (entry.action === evidenceActions.decision) this.#count(entry);
  }

  end(): EvidenceReport {
    const { entries, head, findings } = this.#chain.end();
    const all: EvidenceFinding[] = [...findings, ...this.#findings];
    if (entries > 0 && head.sequence > this.#signed)
      all.push({ kind: 'unsigned-end', sequence: this.#signed + 1, through: head.sequence });
    return {
      entries,
      from: this.#first?.sequence ?? 0,
      through: head.sequence,
      hash: head.hash,
      keys: [...this.#used],
      findings: all.sort((one, other) => one.sequence - other.sequence),
      gaps: this.#gaps,
      decisions: [...this.#decisions.values()].sort(byPlace),
      others: this.#others,
      firstMs: this.#first?.atMs,
      lastMs: this.#last?.atMs,
    };
  }

  /** What is signed is the hash of the entry before, which stands for all before it; it came in the same write. */
  #checkpoint({ sequence, previous, facts }: AuditEntry): void {
    const { key: name, signature } = facts;
    const id = String(name);
    const key = this.#keys.get(id);
    const octets = typeof signature === 'string' ? fromBase64(signature) : undefined;
    const signed = checkpointBytes(sequence - 1, previous);
    if (key === undefined || octets === undefined || !verifySignature(key, 'ecdsa-with-SHA256', signed, octets)) {
      this.#findings.push({ kind: 'not-signed', sequence, key: id });
      return;
    }
    if (this.#known.length > 0 && !this.#known.includes(id) && !this.#used.has(id))
      this.#findings.push({ kind: 'other-key', sequence, key: id });
    this.#used.add(id);
    this.#signed = sequence;
  }

  #gap({ facts, atMs }: AuditEntry): void {
    const { since, until, reason, lost } = facts;
    this.#gaps.push({
      sinceMs: typeof since === 'number' ? since : atMs,
      untilMs: typeof until === 'number' ? until : atMs,
      reason: String(reason),
      lost: typeof lost === 'number' ? lost : 0,
    });
  }

  #count({ personal }: AuditEntry): void {
    const decision = parseDecision(personal[decisionField]?.value ?? '');
    if (decision === undefined) {
      this.#others += 1;
      return;
    }
    const { code, partner, peer, route, thumbprint, via } = decision;
    const key = JSON.stringify([decision.decision, code, partner, peer, route, thumbprint, via]);
    const known = this.#decisions.get(key);
    this.#decisions.set(
      key,
      known === undefined
        ? decision
        : {
            ...known,
            count: known.count + decision.count,
            firstMs: Math.min(known.firstMs, decision.firstMs),
            lastMs: Math.max(known.lastMs, decision.lastMs),
          },
    );
  }
}

function byPlace(one: CountedDecision, other: CountedDecision): number {
  const place = ({ route = '', thumbprint = '' }: CountedDecision): string => `${route} ${thumbprint}`;
  return place(one) < place(other) ? -1 : place(one) > place(other) ? 1 : one.firstMs - other.firstMs;
}

function keyIn(raw: Uint8Array): PublicKeyInfo | undefined {
  try {
    return parsePublicKeyInfo(raw);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
