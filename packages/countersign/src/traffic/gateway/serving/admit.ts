/** What a route asks of a request beyond who may call: asked before it goes on, and decided on anew where another configuration came meanwhile. */
import type { Refusal } from '../../../ground/errors/index.ts';
import type { HeaderList } from '../../relay/index.ts';
import { decideRequest } from '../routing/decide-request.ts';
import { askAll, type Connection, type Denial } from './demands.ts';
import type { Generation } from './generation.ts';
import { ownFailure } from './own-failure.ts';
import type { AllowedPassage } from './passage.ts';

/** The request that waits to go on. */
export interface Admitted {
  readonly connection: Connection;
  tell(headers: HeaderList): void;
  isGone(): boolean;
  deny(denial: Denial): void;
  goOn(passage: AllowedPassage): void;
}

/** In this turn where nothing has to be fetched, since every request pays for a turn. @param isCounted what counts has counted it already */
export function admit(
  passage: AllowedPassage,
  rawHeaders: readonly string[],
  admitted: Admitted,
  current: () => Generation,
  isCounted: boolean = false,
): void {
  // Whatever fails on the way, nothing goes on: that it comes in a later turn must not end the process.
  try {
    ask(passage, rawHeaders, admitted, current, isCounted);
  } catch (error) {
    admitted.deny({ refusal: ownFailure('request', error) });
  }
}

function ask(
  passage: AllowedPassage,
  rawHeaders: readonly string[],
  admitted: Admitted,
  current: () => Generation,
  isCounted: boolean,
): void {
  const { generation, decision, question, asker, peer, address, noted } = passage;
  const { route } = decision;
  const { denial: halted } = generation.halt;
  if (halted !== undefined) {
    admitted.deny(halted);
    return;
  }
  const all = generation.demandsOf(route);
  const demands = isCounted ? all.filter(({ counts }) => counts !== true) : all;
  if (demands.length === 0) {
    admitted.goOn(passage);
    return;
  }
  const { connection } = admitted;
  const tell = (headers: HeaderList): void => admitted.tell(headers);
  const onObserved = (refusal: Refusal): void => void (noted.refusal ??= refusal);
  const answer = askAll(demands, {
    route,
    question,
    rawHeaders,
    asker,
    peer,
    address,
    connection,
    tell,
    noted,
    onObserved,
  });
  if (!(answer instanceof Promise)) {
    if (answer === undefined) admitted.goOn(passage);
    else admitted.deny(answer);
    return;
  }
  const take = (denial: Denial | undefined): void => {
    if (admitted.isGone()) return;
    const why = denial ?? generation.halt.denial;
    if (why !== undefined) admitted.deny(why);
    else if (current() === generation) admitted.goOn(passage);
    else admitAnew(passage, rawHeaders, admitted, current, true);
  };
  answer.then(take).catch((error: unknown) => {
    if (!admitted.isGone()) admitted.deny({ refusal: ownFailure('demand', error) });
  });
}

/** One that has waited: another configuration may have come meanwhile. */
export function admitAnew(
  passage: AllowedPassage,
  rawHeaders: readonly string[],
  admitted: Admitted,
  current: () => Generation,
  isCounted: boolean = false,
): void {
  try {
    const now = decidedNow(passage, current());
    if ('refusal' in now) admitted.deny(now);
    else admit(now, rawHeaders, admitted, current, isCounted);
  } catch (error) {
    admitted.deny({ refusal: ownFailure('decision', error) });
  }
}

function decidedNow(passage: AllowedPassage, generation: Generation): AllowedPassage | Denial {
  if (generation === passage.generation) return passage;
  const { peer, question } = passage;
  const asker = generation.askerOf(peer && { peer }, question.host);
  const decision = decideRequest(generation.table, question, asker);
  return decision.allowed ? { ...passage, generation, asker, decision } : decision;
}
