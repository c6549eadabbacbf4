/** The lists of one source: the last good ones, and what came since with a signature that nobody can judge yet. */
import { Refusal } from '../../../ground/errors/index.ts';
import { listFreshUntil, listName } from '../../../identity/revocation/index.ts';
import type { CertificateList } from '../../../identity/x509/index.ts';
import { requireOfNow, requireSuccessor, sameSeries } from './admit-list.ts';
import type { ListSigners } from './list-signers.ts';

export interface AdmissionLimits {
  readonly now: number;
  readonly clockDifferenceMs: number;
  readonly source: string;
  /** Of an address, which gives one list, always of the same series. */
  readonly single: boolean;
}

export class SourceLists {
  /** Verified, or kept from a time when they were. */
  #good: readonly CertificateList[] = [];
  /** They take nobody's place: a forged one would keep the right ones out by its number. */
  #pending: readonly CertificateList[] = [];

  get all(): readonly CertificateList[] {
    return [...this.#good, ...this.#pending];
  }

  get good(): readonly CertificateList[] {
    return this.#good;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** What the source stands for, now: the good ones, or those that may be. */
  get current(): readonly CertificateList[] {
    return this.#good.length > 0 ? this.#good : this.#pending;
  }

  /** From the cache, where only what was verified lies. Refused where it can be told that it was not. */
  async restore(lists: readonly CertificateList[], signers: ListSigners): Promise<void> {
    if ((await worst(lists, signers)).judgement !== 'forged') this.#good = lists;
  }

  /** All or none; throws the refusal of the first that may not be taken. */
  async admit(came: readonly CertificateList[], signers: ListSigners, limits: AdmissionLimits): Promise<void> {
    if (limits.single && came.length !== 1) {
      const held = this.#good[0] === undefined ? 'nothing' : listName(this.#good[0]);
      const evidence = { source: limits.source, held, came: `${came.length} lists`, rule: 'not one list' };
      throw new Refusal('CS-CRL-031', evidence);
    }
    const { judgement, list } = await worst(came, signers);
    if (judgement === 'forged') throw forged(list);
    for (const one of came) {
      requireOfNow(one, limits.now, limits.clockDifferenceMs);
      const held = limits.single ? this.#good[0] : this.#good.find((good) => sameSeries(good, one));
      if (held !== undefined) requireSuccessor(held, one, limits.source);
    }
    if (judgement === 'signed') [this.#good, this.#pending] = [came, []];
    else this.#pending = came;
  }

  /** More keys are known than before. What turns out to be forged goes; the refusal says so. */
  async judgeAgain(signers: ListSigners, limits: AdmissionLimits): Promise<Refusal | undefined> {
    const good = this.#good;
    const { judgement, list } = await worst(good, signers);
    let refusal: Refusal | undefined;
    // What came meanwhile was judged when it came.
    if (judgement === 'forged' && good === this.#good) {
      this.#good = [];
      refusal = forged(list);
    }
    if (this.#pending.length === 0) return refusal;
    const pending = this.#pending;
    if ((await worst(pending, signers)).judgement === 'unknown' || pending !== this.#pending) return refusal;
    this.#pending = [];
    try {
      await this.admit(pending, signers, limits);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusal = error;
    }
    return refusal;
  }

  /** The earliest end of what is current; `undefined` where nothing is held. */
  freshUntil(limits: Parameters<typeof listFreshUntil>[1]): number | undefined {
    const ends = this.current.map((list) => listFreshUntil(list, limits));
    return ends.length === 0 ? undefined : Math.min(...ends);
  }
}

/** Forged before unknown before signed. */
async function worst(
  lists: readonly CertificateList[],
  signers: ListSigners,
): Promise<{ judgement: 'signed' | 'forged' | 'unknown'; list?: CertificateList }> {
  let unknown = false;
  for (const list of lists) {
    const judgement = await signers.judge(list);
    if (judgement === 'forged') return { judgement, list };
    unknown ||= judgement === 'unknown';
  }
  return { judgement: unknown ? 'unknown' : 'signed' };
}

function forged(list: CertificateList | undefined): Refusal {
  return new Refusal('CS-CRL-007', { list: list === undefined ? 'not said' : listName(list), keys: 1 });
}
