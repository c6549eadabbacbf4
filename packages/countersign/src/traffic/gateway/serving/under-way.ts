/** The requests that are being relayed: looked at again when the configuration changes, so that a long answer ends where it would no longer begin. */
import type { Readable } from 'node:stream';
import type { Refusal } from '../../../ground/errors/index.ts';
import { Roster } from '../../upstream/index.ts';
import { decideRequest } from '../routing/decide-request.ts';
import { ForwardedCallers } from './forwarded-callers.ts';
import type { Generation } from './generation.ts';
import type { ForwardedCaller, Relayed } from './relayed.ts';

export class UnderWay {
  readonly #all = new Roster<Relayed>();
  readonly #forwarded = new ForwardedCallers((caller, refusal) => this.#endOf(caller, refusal));

  get size(): number {
    return this.#all.size;
  }

  /** @param body what the caller sends @returns why it does not go on: the caller's certificate fell a moment ago */
  add(one: Relayed, body: Readable | undefined): Refusal | undefined {
    const fallen = this.#forwarded.enter(one, body);
    if (fallen === undefined) this.#all.add(one);
    return fallen;
  }

  /** It is over. */
  remove(one: Relayed): void {
    this.#all.remove(one);
    this.#forwarded.leave(one);
  }

  /** @returns how many were broken off */
  decideAgain(generation: Generation): number {
    let ended = 0;
    for (const one of this.#all.all()) {
      const { question, peer } = one.relayed;
      const asker = generation.askerOf(peer && { peer }, question.host);
      const decision = decideRequest(generation.table, question, asker);
      if (decision.allowed) continue;
      this.remove(one);
      ended += 1;
      one.end(decision.refusal);
    }
    return ended;
  }

  /** Few fall, of many that go on: they are looked for then. */
  #endOf(caller: ForwardedCaller, refusal: Refusal): void {
    for (const one of this.#all.all()) {
      if (one.caller !== caller) continue;
      this.remove(one);
      one.end(refusal);
    }
  }
}
