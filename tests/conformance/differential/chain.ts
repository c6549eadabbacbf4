/** One chain of the differential test, made again from its seed and its number: sound, or with one flaw that is known. */
import { encodePlanned } from '../../fixtures/planned-certificates.ts';
import { seededRandom } from '../../fixtures/random.ts';
import { anchorOf, type Asked, type Draft, type KeyPool, leafOf, placeOf, type Place } from './draft.ts';
import type { Flaw } from './flaws/flaw.ts';
import { flaws } from './flaws.ts';
import { soundChain } from './sound-chain.ts';
import { traitsOf } from './traits.ts';

export interface Chain {
  readonly number: number;
  readonly asked: Asked;
  readonly leaf: Uint8Array;
  /** In no order. */
  readonly intermediates: readonly Uint8Array[];
  readonly anchor: Uint8Array;
  /** What it contains that others are known to see otherwise. */
  readonly traits: ReadonlySet<string>;
  /** What is wrong with it; `undefined` where nothing is. */
  readonly flaw: KnownFlaw | undefined;
}

export interface KnownFlaw extends Pick<Flaw, 'name' | 'clause'> {
  readonly place: Place;
  readonly encoding: boolean;
}

/** Of three chains one is sound; the others take the flaws in turns, so that each is there often enough. */
export function chainOf(seed: number, keys: KeyPool, number: number): Chain {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  const wanted = number % 3 === 0 ? undefined : flaws[(number - Math.ceil(number / 3)) % flaws.length]!;
  for (;;) {
    const draft = soundChain(random, keys, number);
    const broken = wanted?.apply(draft);
    if (wanted !== undefined && broken === undefined) continue;
    const flaw =
      wanted === undefined || broken === undefined
        ? undefined
        : {
            name: wanted.name,
            clause: wanted.clause,
            place: placeOf(draft, broken),
            encoding: wanted.encoding ?? false,
          };
    return encoded(draft, flaw);
  }
}

function encoded(draft: Draft, flaw: KnownFlaw | undefined): Chain {
  const { random, certificates, others, asked, number, sendsAnchor, sendsLeafTwice } = draft;
  const written = new Map([...certificates, ...others].map((plan) => [plan, encodePlanned(plan)]));
  const [leaf, anchor] = [written.get(leafOf(draft))!, written.get(anchorOf(draft))!];
  const intermediates = [...certificates.slice(1, -1), ...others].map((plan) => written.get(plan)!);
  if (sendsAnchor) intermediates.push(anchor);
  if (sendsLeafTwice) intermediates.push(leaf);
  return { number, asked, leaf, intermediates: shuffled(random, intermediates), anchor, traits: traitsOf(draft), flaw };
}

function shuffled<T>(random: Draft['random'], list: readonly T[]): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(random.number(rest.length), 1)[0]!);
}
