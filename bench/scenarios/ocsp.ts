/** One OCSP answer that was signed ahead, by GET: the CPU time of the responder's process, beside a server that only sends the bytes, and OpenSSL's. */
import type { AbsentSubject, Goal, Remark, Subject } from '../frame/scenario.ts';
import { openssl, type Product, startResponder } from '../ocsp/servers.ts';

export const scenario = 'ocsp';

export const roundMs = 2000;

/** At the same time. */
const acts = 16;

/** About half a second of the server's CPU time, which /proc counts in hundredths. */
export const leastOperations = 1_500;

const answering = (name: Product): Subject => ({ name, start: () => startResponder(name, acts) });

export const subjects: readonly Subject[] = [
  answering('countersign'),
  answering('node:http'),
  ...(openssl === undefined ? [] : [answering('openssl ocsp')]),
];

export const absent: readonly AbsentSubject[] =
  openssl === undefined ? [{ name: 'openssl ocsp', absent: 'openssl is not on PATH' }] : [];

export const goals: readonly Goal[] = [
  {
    goal: 'of a bare node:http server that sends the same bytes',
    bound: 'at most',
    limit: 1.3,
    value: (cost) => cost('countersign') / cost('node:http'),
  },
  ...(openssl === undefined
    ? []
    : [
        {
          goal: 'openssl ocsp for one of ours',
          bound: 'at least',
          limit: 20,
          value: (cost) => cost('openssl ocsp') / cost('countersign'),
        } satisfies Goal,
      ]),
];

export const remarks: readonly Remark[] =
  openssl === undefined
    ? []
    : [
        {
          // Where this is below 20, no server on node:http reaches the goal above.
          remark: 'openssl ocsp costs so many times bare node:http, and no server on it does better',
          value: (cost) => cost('openssl ocsp') / cost('node:http'),
        },
      ];

export const notes: readonly string[] = [
  `GET, P-256, ${String(acts)} questions at the same time on kept connections; the same headers from node:http`,
  'openssl ocsp ends each connection with its answer, so it is asked one question a connection, one after the other',
];
