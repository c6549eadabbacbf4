/** Whether a certificate could be issued now, and if not, why: the reasons are the very refusals that a request would get. */
import { type Clock, toRfc3339 } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { clockToleranceMs, type IssuanceLedger, type IssuerFacts } from '../../authority/index.ts';
import type { StoreVitals } from '../store-vitals.ts';

export interface ReadinessQuestion {
  readonly issuer: Pick<IssuerFacts, 'notBeforeMs' | 'notAfterMs'>;
  /** The shortest life that any certificate may have: with less left, the issuer can sign none. */
  readonly shortestLifeMs: () => number;
  readonly issuance: IssuanceLedger;
  readonly vitals: StoreVitals;
  readonly clock: Clock;
}

export interface ReadinessAnswer {
  readonly ready: boolean;
  /** Whether the store answers at all, be it by a refusal: where not, only a new start can help. */
  readonly alive: boolean;
  readonly reasons: readonly Refusal[];
}

/** An answer is good for so long: who asks in a loop must not make the disk sync in a loop. Own choice. */
const keptMs = 1_000;

/** A store that has not answered by then is as good as none. Own choice: probes of Kubernetes wait one second by default. */
const longestMs = 5_000;

export class Readiness {
  readonly #question: ReadinessQuestion;
  #latest: { readonly atMs: number; readonly answer: Promise<ReadinessAnswer> } | undefined;
  #stopping = false;

  constructor(question: ReadinessQuestion) {
    this.#question = question;
  }

  /** From now on it is not ready, whatever else. */
  stop(): void {
    this.#stopping = true;
  }

  assess(): Promise<ReadinessAnswer> {
    if (this.#stopping) return Promise.resolve({ ready: false, alive: true, reasons: [] });
    const atMs = this.#question.clock.monotonic();
    if (this.#latest === undefined || atMs - this.#latest.atMs >= keptMs) this.#latest = { atMs, answer: this.#look() };
    return this.#latest.answer;
  }

  async #look(): Promise<ReadinessAnswer> {
    const { issuance, vitals, clock } = this.#question;
    const ofIssuer = this.#ofIssuer();
    const reasons = ofIssuer === undefined ? [] : [ofIssuer];
    let alive = true;
    try {
      await this.#inTime(vitals.tryWriting(clock.now()));
      const latest = await this.#inTime(issuance.latestIntentMs());
      if (ofIssuer?.code !== 'CS-AUTHORITY-002' && latest !== undefined && clock.now() < latest - clockToleranceMs)
        reasons.push(new Refusal('CS-AUTHORITY-002', { now: toRfc3339(clock.now()), latest: toRfc3339(latest) }));
    } catch (error) {
      alive = error !== silence;
      reasons.push(isRefusal(error) ? error : storageRefusal(String(error)));
    }
    return { ready: reasons.length === 0, alive, reasons };
  }

  #ofIssuer(): Refusal | undefined {
    const { issuer, shortestLifeMs, clock } = this.#question;
    const nowMs = clock.now();
    const now = toRfc3339(nowMs);
    if (nowMs < issuer.notBeforeMs)
      return new Refusal('CS-AUTHORITY-002', { now, latest: toRfc3339(issuer.notBeforeMs) });
    return issuer.notAfterMs - nowMs < shortestLifeMs()
      ? new Refusal('CS-AUTHORITY-005', { notAfter: toRfc3339(issuer.notAfterMs), now })
      : undefined;
  }

  async #inTime<T>(answer: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = this.#question.clock.after(longestMs, () => reject(silence), { unref: true });
    try {
      return await Promise.race([answer, late]);
    } finally {
      timer.cancel();
    }
  }
}

const silence: Refusal = storageRefusal(`no answer within ${String(longestMs / 1000)} s`);

function storageRefusal(why: string): Refusal {
  return new Refusal('CS-STORE-002', { operation: 'write', why });
}
