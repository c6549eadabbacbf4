/** What the HTTPS scenarios have in common: one act at our authority and at step-ca, by one caller and by several, and the goal between them. */
import type { Scenario, Subject } from '../frame/scenario.ts';
import { countersign } from './countersign-server.ts';
import { floorServer } from './floor-server.ts';
import type { IssuingProduct, Pattern } from './issuing-server.ts';
import { absentStepCa, stepCa } from './step-ca.ts';

export const roundMs = 1000;

export const callers: readonly number[] = [1, 16];

/** What a reader of the numbers must know. */
export const sizes = 'n: callers at the same time, each with its own connection';

/** @param kept whether a caller keeps its connection; else each act has a new one */
export function besideStepCa(
  asking: (product: IssuingProduct, pattern: Pattern) => Subject,
  kept: boolean,
): Required<Pick<Scenario, 'subjects' | 'absent' | 'goals'>> {
  const products = stepCa === undefined ? [countersign, floorServer] : [countersign, floorServer, stepCa];
  return {
    subjects: callers.flatMap((count) => products.map((product) => asking(product, { callers: count, kept }))),
    absent: stepCa === undefined ? [absentStepCa] : [],
    goals:
      stepCa === undefined
        ? []
        : callers.map((count) => ({
            goal: `of step-ca's cost, ${String(count)} ${count === 1 ? 'caller' : 'callers'}`,
            bound: 'at most',
            limit: 0.5,
            value: (cost) => cost('countersign', count) / cost('step-ca', count),
          })),
  };
}
