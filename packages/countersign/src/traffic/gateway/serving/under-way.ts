/** The requests that are being relayed: looked at again when the configuration changes, so that a long answer ends where it would no longer begin. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { CheckedCaller } from '../../forwarded-identity/index.ts';
import { type Member, Roster } from '../../upstream/index.ts';
import { decideRequest, type RequestInQuestion } from '../routing/decide-request.ts';
import type { Generation } from './generation.ts';

export interface RelayedQuestion {
  readonly question: RequestInQuestion;
  readonly peer: CheckedCaller | undefined;
  readonly asker: unknown;
}

/** A member itself: it is added with each request. */
export interface Relayed extends Member {
  readonly relayed: RelayedQuestion;
  /** Breaks it off. */
  end(refusal: Refusal): void;
}

export class UnderWay {
  readonly #all = new Roster<Relayed>();

  get size(): number {
    return this.#all.size;
  }

  add(one: Relayed): void {
    this.#all.add(one);
  }

  /** It is over. */
  remove(one: Relayed): void {
    this.#all.remove(one);
  }

  /** @returns how many were broken off */
  decideAgain(generation: Generation): number {
    let ended = 0;
    for (const one of this.#all.all()) {
      const { question, peer } = one.relayed;
      const asker = generation.askerOf(peer && { peer }, question.host);
      const decision = decideRequest(generation.table, question, asker);
      if (decision.allowed) continue;
      this.#all.remove(one);
      ended += 1;
      one.end(decision.refusal);
    }
    return ended;
  }
}
