/** The next certificate over mutual TLS, durable, on a connection that is kept: the CPU time of the authority's process. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { countersign } from '../issuing/countersign-server.ts';
import { renewing } from '../issuing/issuing-server.ts';
import { absentStepCa, stepCa } from '../issuing/step-ca.ts';

export const scenario = 'renew-mtls-kept';
export const roundMs = 1000;

const products = stepCa === undefined ? [countersign] : [countersign, stepCa];
const callers = [1, 16];

export const subjects: readonly Subject[] = callers.flatMap((count) =>
  products.map((product) => renewing(product, { callers: count, kept: true })),
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

export const notes: readonly string[] = [
  'n: callers at the same time, each with its own connection',
  'step-ca takes no request when it renews: the key stays, and nothing is verified but the handshake',
];
