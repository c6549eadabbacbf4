/** A check of status for tests: it answers what it was told, and counts how often it was asked. */
import { Refusal } from '../../ground/errors/index.ts';
import type { CertificateStatus, StatusChange, StatusCheck, StatusQuestion } from '../../runtime/tls/index.ts';

export type Told = (question: StatusQuestion, place: number) => CertificateStatus;

export const notKnown: CertificateStatus = {
  status: 'undetermined',
  refusal: new Refusal('CS-OCSP-010', { url: 'http://ocsp.test/', why: 'no answer' }),
};

export const goodForEver: CertificateStatus = { status: 'good', freshUntil: Number.POSITIVE_INFINITY };

export function revokedByList(serialNumber: string, reason = 'keyCompromise'): CertificateStatus {
  const [subject, revokedAt, list] = ['not read', '2026-05-01T00:00:00Z', 'test.crl'];
  const refusal = new Refusal('CS-CRL-002', { subject, serialNumber, revokedAt, reason, list, thisUpdate: revokedAt });
  return { status: 'revoked', refusal };
}

export class ToldCheck implements StatusCheck {
  asked = 0;
  fetched = 0;
  /** What is fetched before a peer is let in; by default nothing is. */
  fetching: (question: StatusQuestion, signal: AbortSignal) => Promise<void> | undefined = () => undefined;
  readonly #listeners = new Set<(change: StatusChange) => void>();
  #told: Told;

  constructor(told: Told) {
    this.#told = told;
  }

  ask(question: StatusQuestion): readonly CertificateStatus[] {
    this.asked++;
    return question.path.certificates.slice(0, -1).map((_, place) => this.#told(question, place));
  }

  fetchFor(question: StatusQuestion, signal: AbortSignal): Promise<void> | undefined {
    this.fetched++;
    return this.fetching(question, signal);
  }

  watch(listener: (change: StatusChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  evidence(): readonly never[] {
    return [];
  }

  /** From now on it answers this. @param change what its watchers hear, where they hear of it */
  tell(told: Told, change?: StatusChange): void {
    this.#told = told;
    if (change !== undefined) for (const listener of [...this.#listeners]) listener(change);
  }

  get watchers(): number {
    return this.#listeners.size;
  }
}
