/** A program that speaks HTTP/1.1 and is told ahead of each connection who calls on it: a connection is of one caller alone, and never used for another. */
import type { Socket } from 'node:net';
import type { Clock } from '../../ground/clock/index.ts';
import type { AnswerBounds } from './http1-link.ts';
import { http1Program, type Http1Program } from './http1-program.ts';
import type { Asking, CallersConnection, Question, Upstream } from './program.ts';

export interface PrefacedProgramOptions {
  readonly clock: Clock;
  readonly bounds?: Partial<AnswerBounds>;
  /** Says the preface before anything else. A connection that is promised must be open when the promise resolves. */
  readonly open: (upstream: Upstream, preface: Uint8Array) => Socket | Promise<Socket>;
  /** Whether a connection that is there may carry another request. Default: it may. */
  readonly mayAsk?: ((connection: Socket) => boolean) | undefined;
}

/** Callers behind one connection of a proxy. Own choice; beyond it the first has to wait for new connections again. */
const mostPrefaces = 64;

type Lanes = Map<Uint8Array, Http1Program>;

export function prefacedProgram(options: PrefacedProgramOptions): Http1Program {
  const lanesOf = new WeakMap<CallersConnection, Lanes>();
  const all = new Set<Lanes>();
  return {
    ask: (question) => {
      const { connection } = question;
      const lanes = lanesOf.get(connection) ?? newLanes(connection, all);
      lanesOf.set(connection, lanes);
      return askOn(lanes, question, options);
    },
    retire: () => {
      for (const lanes of all) retire(lanes);
    },
  };
}

/** They end with the caller's connection. */
function newLanes(connection: CallersConnection, all: Set<Lanes>): Lanes {
  const lanes: Lanes = new Map();
  all.add(lanes);
  connection.once('close', () => {
    all.delete(lanes);
    retire(lanes);
  });
  return lanes;
}

function retire(lanes: Lanes): void {
  const programs = [...lanes.values()];
  lanes.clear();
  for (const program of programs) program.retire();
}

/** By the preface as an object: two that say the same are two callers. */
function askOn(lanes: Lanes, question: Question, { clock, bounds, open, mayAsk }: PrefacedProgramOptions): Asking {
  const { preface } = question;
  if (preface === undefined) throw new TypeError('nobody is named for a program that is told who calls');
  const known = lanes.get(preface);
  if (known !== undefined) return known.ask(question);
  const [oldest] = lanes.size >= mostPrefaces ? lanes : [];
  if (oldest !== undefined) {
    lanes.delete(oldest[0]);
    oldest[1].retire();
  }
  const program = http1Program({
    ...{ clock, mayAsk, ...(bounds && { bounds }) },
    open: (upstream) => open(upstream, preface),
  });
  lanes.set(preface, program);
  return program.ask(question);
}
