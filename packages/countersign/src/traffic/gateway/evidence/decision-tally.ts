/** Decisions as they fall, counted until they are written: a request costs two look-ups and an addition. */
import type { CountedDecision, Decision } from './decision.ts';

/** Different ones at a time, about 300 octets each; what comes beyond is counted as lost. Own choice. */
const mostDifferent = 20_000;

class Count implements CountedDecision {
  readonly decision: Decision['decision'];
  readonly code: string | undefined;
  readonly partner: string | undefined;
  readonly peer: string | undefined;
  readonly thumbprint: string | undefined;
  readonly route: string | undefined;
  readonly via: string | undefined;
  firstMs: number;
  lastMs: number;
  count = 0;

  constructor({ decision, code, partner, peer, thumbprint, route, via }: Decision, atMs: number) {
    this.decision = decision;
    this.code = code;
    this.partner = partner;
    this.peer = peer;
    this.thumbprint = thumbprint;
    this.route = route;
    this.via = via;
    this.firstMs = atMs;
    this.lastMs = atMs;
  }

  is({ decision, code, partner, peer, via }: Decision): boolean {
    const isSame = this.decision === decision && this.code === code && this.partner === partner;
    return isSame && this.peer === peer && this.via === via;
  }
}

export class DecisionTally {
  /** By certificate and route: the strings are those of the peer and the configuration, whose hashes V8 keeps. */
  #counts = new Map<string, Map<string, Count[]>>();
  #different = 0;
  #lost = 0;

  /** Half of what fits is there: time to write. */
  get isFilling(): boolean {
    return this.#different >= mostDifferent / 2;
  }

  add(decision: Decision, atMs: number): void {
    const count = this.#countOf(decision, atMs);
    if (count === undefined) {
      this.#lost += 1;
      return;
    }
    count.count += 1;
    count.lastMs = Math.max(count.lastMs, atMs);
  }

  /** What another has counted, or what could not be written. */
  merge(counted: CountedDecision): void {
    const count = this.#countOf(counted, counted.firstMs);
    if (count === undefined) {
      this.#lost += counted.count;
      return;
    }
    count.count += counted.count;
    count.firstMs = Math.min(count.firstMs, counted.firstMs);
    count.lastMs = Math.max(count.lastMs, counted.lastMs);
  }

  /** All that was counted, in the order of its first times; it begins anew. */
  take(): { readonly decisions: readonly CountedDecision[]; readonly lost: number } {
    const decisions: Count[] = [];
    for (const routes of this.#counts.values()) for (const counts of routes.values()) decisions.push(...counts);
    const lost = this.#lost;
    this.#counts = new Map();
    this.#different = 0;
    this.#lost = 0;
    return { decisions: decisions.sort((one, other) => one.firstMs - other.firstMs), lost };
  }

  lose(count: number): void {
    this.#lost += count;
  }

  #countOf(decision: Decision, atMs: number): Count | undefined {
    const { thumbprint = '', route = '' } = decision;
    const routes = this.#counts.get(thumbprint);
    const known = routes?.get(route);
    if (known !== undefined) for (const count of known) if (count.is(decision)) return count;
    if (this.#different >= mostDifferent) return undefined;
    this.#different += 1;
    const count = new Count(decision, atMs);
    if (known !== undefined) known.push(count);
    else if (routes !== undefined) routes.set(route, [count]);
    else this.#counts.set(thumbprint, new Map([[route, [count]]]));
    return count;
  }
}
