/** A request that goes on to a service, as what may end it knows it. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { CheckedCaller, ForwardedPeer, RestingCaller } from '../../forwarded-identity/index.ts';
import type { Member } from '../../upstream/index.ts';
import type { RequestInQuestion } from '../routing/decide-request.ts';
import type { Generation } from './generation.ts';

export interface RelayedQuestion {
  readonly question: RequestInQuestion;
  readonly peer: CheckedCaller | undefined;
  readonly asker: unknown;
  readonly generation: Generation;
}

/** A member itself: it is added with each request. */
export interface Relayed extends Member {
  readonly relayed: RelayedQuestion;
  /** Of `ForwardedCallers`. */
  caller: ForwardedCaller | undefined;
  /** Breaks it off. */
  end(refusal: Refusal): void;
}

/** One whom a proxy names, with what it has under way. */
export class ForwardedCaller {
  readonly peer: ForwardedPeer;
  open = 0;
  resting: RestingCaller | undefined;

  constructor(peer: ForwardedPeer) {
    this.peer = peer;
  }
}
