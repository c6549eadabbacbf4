/** What a route asks of a request beyond who may call it: a rate that is kept, a token that fits. Asked in order; the first that is not met refuses. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { CheckedCaller } from '../../forwarded-identity/index.ts';
import type { HeaderList } from '../../relay/index.ts';
import type { Asker, RequestInQuestion } from '../routing/decide-request.ts';
import type { Route } from '../routing/route-table.ts';

/** What its demands have found. */
export interface Noted {
  /** What a demand only observed. */
  refusal?: Refusal;
  /** Milliseconds since 1970: what let it in counts no longer than that. */
  endsAt?: number;
}

export interface DemandQuestion {
  readonly route: Route;
  readonly question: RequestInQuestion;
  readonly rawHeaders: readonly string[];
  readonly asker: Asker;
  readonly peer: CheckedCaller | undefined;
  readonly address: string;
  readonly noted: Noted;
  /** It goes on, and the log and the counts say why it would have been refused. */
  readonly onObserved: (refusal: Refusal) => void;
  /** What carries it, and closes once: a socket, or a session of HTTP/2. */
  readonly connection: Connection;
  /** Puts these on the answer, if the request goes through. */
  readonly tell: (headers: HeaderList) => void;
}

export interface Connection {
  once(event: 'close', listener: () => void): unknown;
}

/** @param headers that the answer has beside those of each refusal, as `www-authenticate` and `retry-after` */
export interface Denial {
  readonly refusal: Refusal;
  readonly headers?: HeaderList;
  /** Whether the connection ends with the answer. */
  readonly ends?: true;
}

/** Where nothing has to be fetched it answers in the same turn. It refuses by its answer; what it throws is a mistake of ours, and refuses too. */
export interface Demand {
  /** Each request costs it something: it is not asked again where another configuration comes while the request waits. */
  readonly counts?: true;
  ask(question: DemandQuestion): Denial | undefined | Promise<Denial | undefined>;
}

export function askAll(
  demands: readonly Demand[],
  question: DemandQuestion,
): Denial | undefined | Promise<Denial | undefined> {
  for (let at = 0; at < demands.length; at += 1) {
    const answer = demands[at]?.ask(question);
    if (answer instanceof Promise) return answer.then((denial) => denial ?? askAll(demands.slice(at + 1), question));
    if (answer !== undefined) return answer;
  }
  return undefined;
}
