/** A first certificate over HTTPS for a one-time token, durable, on a new connection each: the CPU time of the authority's process. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { countersign } from '../issuing/countersign-server.ts';
import { enrolling } from '../issuing/issuing-server.ts';
import { absentStepCa, stepCa } from '../issuing/step-ca.ts';

export const scenario = 'enrol-https-fresh';
export const roundMs = 1000;

const products = stepCa === undefined ? [countersign] : [countersign, stepCa];
const callers = [1, 16];

export const subjects: readonly Subject[] = callers.flatMap((count) =>
  products.map((product) => enrolling(product, { callers: count, kept: false })),
);

export const absent: readonly AbsentSubject[] = stepCa === undefined ? [absentStepCa] : [];

export const goals: readonly Goal[] =
  stepCa === undefined
    ? []
    : callers.map((count) => ({
        goal: `of step-ca's cost, ${String(count)} ${count === 1 ? 'caller' : 'callers'}`,
        bound: 'at most',
        limit: 0.5,
        value: (cost) => cost('countersign', count) / cost('step-ca', count),
      }));

export const notes: readonly string[] = ['n: callers at the same time, each with its own connection'];
