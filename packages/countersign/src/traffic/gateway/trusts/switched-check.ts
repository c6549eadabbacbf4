/** A means of one trust domain that can be exchanged while connections rest on it: whoever is in is asked about again then. */
import type {
  CertificateStatus,
  StatusChange,
  StatusCheck,
  StatusEvidence,
  StatusQuestion,
} from '../../../runtime/tls/index.ts';

export class SwitchedCheck implements StatusCheck {
  readonly #trustDomain: string;
  readonly #listeners = new Set<(change: StatusChange) => void>();
  #inner: StatusCheck | undefined;
  #endWatch: () => void = () => undefined;

  constructor(trustDomain: string) {
    this.#trustDomain = trustDomain;
  }

  /** @param inner `undefined`: nothing is asked */
  use(inner: StatusCheck | undefined): void {
    if (inner === this.#inner) return;
    this.#endWatch();
    this.#inner = inner;
    this.#endWatch = inner?.watch((change) => this.#tell(change)) ?? ((): void => undefined);
    this.#tell({ kind: 'everything' });
  }

  ask(question: StatusQuestion): readonly CertificateStatus[] {
    if (this.#asked(question)) return this.#inner?.ask(question) ?? [];
    return question.path.certificates.slice(1).map(() => ({ status: 'notCovered' }));
  }

  fetchFor(question: StatusQuestion, signal: AbortSignal): Promise<void> | undefined {
    return this.#asked(question) ? this.#inner?.fetchFor(question, signal) : undefined;
  }

  watch(listener: (change: StatusChange) => void): () => void {
    const own = (change: StatusChange): void => listener(change);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  evidence(): readonly StatusEvidence[] {
    return this.#inner?.evidence() ?? [];
  }

  #asked({ trustDomain }: StatusQuestion): boolean {
    return this.#inner !== undefined && trustDomain === this.#trustDomain;
  }

  #tell(change: StatusChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
