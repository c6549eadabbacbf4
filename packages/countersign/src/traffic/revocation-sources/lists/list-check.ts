/** The lists of all sources asked about the certificates of a path. */
import {
  changesList,
  checkPathByLists,
  type CrlReport,
  type CrlVerdict,
  HeldLists,
  issuerKeyOf,
} from '../../../identity/revocation/index.ts';
import type { Certificate, CertificateList } from '../../../identity/x509/index.ts';
import { sha256 } from '../../../runtime/cryptography/index.ts';
import type { CertificateStatus, StatusChange, StatusEvidence, StatusQuestion } from '../../../runtime/tls/index.ts';
import { deltaAddresses, listAddresses } from './list-addresses.ts';
import type { ListKeeper } from './list-keeper.ts';
import type { ListOptions, Lists } from './list-options.ts';
import type { ListSigners } from './list-signers.ts';

/**
 * Addresses that certificates named and that are kept up to date; the one least used makes room. An authority may spread its certificates
 * over as many lists, and more would be fetched again and again. Own choice.
 */
const mostNamed = 128;

export class ListCheck implements Lists {
  readonly #options: ListOptions;
  readonly #signers: ListSigners;
  readonly #keepers: readonly ListKeeper[];
  readonly #open: (url: string) => ListKeeper;
  readonly #listeners: Set<(change: StatusChange) => void>;
  /** By address; the one used last is last. */
  readonly #named: Map<string, ListKeeper> = new Map();
  #held: HeldLists = new HeldLists([]);
  #judging: Promise<void> | undefined;
  /** How often keys were learnt. */
  #judgings = 0;
  #closed = false;

  constructor(
    options: ListOptions,
    signers: ListSigners,
    keepers: readonly ListKeeper[],
    open: (url: string) => ListKeeper,
    listeners: Set<(change: StatusChange) => void>,
  ) {
    this.#options = options;
    this.#signers = signers;
    this.#keepers = keepers;
    this.#open = open;
    this.#listeners = listeners;
  }

  ask(question: StatusQuestion): readonly CertificateStatus[] {
    this.#learn(question);
    const covers = this.#coverage(question);
    if (!covers.includes(true)) return covers.map(() => ({ status: 'notCovered' }));
    return this.#report(question).verdicts.map(({ verdict }, index) =>
      covers[index] === true ? statusOf(verdict) : { status: 'notCovered' },
    );
  }

  fetchFor(question: StatusQuestion, signal: AbortSignal): Promise<void> | undefined {
    if (this.#closed) return undefined;
    this.#learn(question);
    const covers = this.#coverage(question);
    if (!covers.includes(true)) return undefined;
    const open = this.#report(question).verdicts.flatMap(({ certificate, verdict }, index) =>
      covers[index] === true && verdict.status === 'undetermined' ? [certificate] : [],
    );
    if (open.length === 0) return undefined;
    const now = this.#options.clock.now();
    const wanted = [...this.#keepers, ...this.#keepersFor(open)].filter((keeper) => keeper.wantsReading(now));
    if (wanted.length === 0) return undefined;
    return unlessEnded(Promise.all(wanted.map((keeper) => keeper.refresh())), signal);
  }

  watch(listener: (change: StatusChange) => void): () => void {
    const own = (change: StatusChange): void => listener(change);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  evidence(): readonly StatusEvidence[] {
    return this.#all().flatMap((keeper) => keeper.evidence());
  }

  async settled(): Promise<void> {
    for (let running = this.#running(); running.length > 0; running = this.#running()) await Promise.all(running);
  }

  close(): void {
    this.#closed = true;
    for (const keeper of this.#all()) keeper.close();
    this.#listeners.clear();
  }

  /** That are held, and change this list. */
  deltasOf(list: CertificateList): readonly CertificateList[] {
    return list.baseCrlNumber === undefined
      ? this.#held.deltasOf(list.issuer).filter((delta) => changesList(delta, list))
      : [];
  }

  rebuild(): void {
    this.#held = new HeldLists(this.#all().flatMap(({ lists }) => lists.all));
    if (this.#options.fromDistributionPoints === true && !this.#closed) this.#openDeltas();
  }

  #all(): readonly ListKeeper[] {
    return [...this.#keepers, ...this.#named.values()];
  }

  #running(): Promise<void>[] {
    return [this.#judging, ...this.#all().map(({ running }) => running)].filter((one) => one !== undefined);
  }

  #report({ path, at }: StatusQuestion): CrlReport {
    const { others, trusted, mostAgeMs, clockDifferenceMs } = this.#options;
    return checkPathByLists({
      ...{ path, at, lists: this.#held, verifySignature: this.#signers.verify },
      ...(others === undefined ? {} : { others }),
      ...(trusted === undefined ? {} : { trusted }),
      ...(mostAgeMs === undefined ? {} : { mostAgeMs }),
      ...(clockDifferenceMs === undefined ? {} : { clockDifferenceMs }),
    });
  }

  /** Of each certificate that is no anchor, whether the lists must know of it. */
  #coverage({ path: { certificates, anchor }, trustDomain }: StatusQuestion): boolean[] {
    const { trustDomains, issuers } = this.#options.scope ?? {};
    const issued = certificates.at(-1) === anchor ? certificates.slice(0, -1) : certificates;
    const isDomain = trustDomains === undefined || trustDomains.includes(trustDomain);
    return issued.map((_, index) => {
      if (!isDomain || issuers === undefined) return isDomain;
      const { publicKey } = certificates[index + 1] ?? anchor;
      return issuers.includes(issuerKeyOf({ publicKey }, sha256));
    });
  }

  #keepersFor(certificates: readonly Certificate[]): ListKeeper[] {
    if (this.#options.fromDistributionPoints !== true) return [];
    const addresses = new Set(certificates.flatMap(listAddresses));
    for (const { reader } of this.#keepers) addresses.delete(reader.name);
    return [...addresses].map((url) => this.#keeperAt(url));
  }

  /** Of what is verified alone, and as far as there is room: whoever forges a list has nobody asked. */
  #openDeltas(): void {
    for (const url of new Set(this.#all().flatMap(({ lists }) => lists.good.flatMap(deltaAddresses)))) {
      if (this.#all().some(({ reader }) => reader.name === url) || this.#named.size >= mostNamed) continue;
      void this.#keeperAt(url).start();
    }
  }

  #keeperAt(url: string): ListKeeper {
    const keeper = this.#named.get(url) ?? this.#open(url);
    this.#named.delete(url);
    this.#named.set(url, keeper);
    for (const [oldest, unused] of this.#named) {
      if (this.#named.size <= mostNamed) break;
      this.#named.delete(oldest);
      unused.close();
      this.rebuild();
    }
    return keeper;
  }

  /** With other keys, lists whose signature nobody could judge may be good now, or forged. */
  #learn({ path }: StatusQuestion): void {
    if (!this.#signers.learn(path) || this.#closed) return;
    this.#judgings++;
    if (this.#judging !== undefined) return;
    this.#judging = this.#judgeAgain().finally(() => (this.#judging = undefined));
  }

  async #judgeAgain(): Promise<void> {
    for (let judged = 0; judged < this.#judgings && !this.#closed;) {
      judged = this.#judgings;
      for (const keeper of this.#all()) await keeper.judgeAgain();
    }
  }
}

function statusOf(verdict: CrlVerdict): CertificateStatus {
  switch (verdict.status) {
    case 'good':
      return { status: 'good', freshUntil: verdict.freshUntil };
    case 'revoked':
      return { status: 'revoked', refusal: verdict.refusal };
    case 'undetermined':
      return {
        ...{ status: 'undetermined', refusal: verdict.refusal },
        ...(verdict.lastKnown === undefined ? {} : { lastKnown: 'revoked' }),
      };
  }
}

async function unlessEnded(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      signal.removeEventListener('abort', end);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
    void work.then(end, end);
  });
}
