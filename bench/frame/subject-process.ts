/** One subject in a process of its own: it does as many operations as it is told, and says what each cost. */
import { readScenarios } from './scenarios.ts';
import type { Running } from './scenario.ts';

/** What the process is told, one at a time. */
export type Order =
  { readonly do: 'warm up'; readonly mostMs: number } | { readonly do: 'round'; readonly count: number };

/** Milliseconds that an operation takes by the clock, or microseconds of CPU time that one cost. */
export type Answer = { readonly operationMs: number } | { readonly costUs: number };

const [, , scenarioName, place] = process.argv;

// As a program of its own, not where its types are read.
if (scenarioName !== undefined && place !== undefined) await serve(scenarioName, Number(place));

async function serve(name: string, subjectPlace: number): Promise<void> {
  const scenario = (await readScenarios()).find((one) => one.scenario === name);
  const running = await scenario?.subjects[subjectPlace]?.start();
  if (running === undefined) throw new TypeError(`no subject ${String(subjectPlace)} of ${name}`);
  process.once('disconnect', () => void running.close());
  process.on('message', (order: Order) => {
    void carryOut(order, running).then((answer) => process.send?.(answer));
  });
  process.send?.({ operationMs: 0 } satisfies Answer);
}

function carryOut(order: Order, running: Running): Promise<Answer> {
  return order.do === 'warm up' ? warmUp(running, order.mostMs) : round(running, order.count);
}

/** A piece of the warm-up, and how many pieces without a gain of 2 % show that the compiler is done: it works through the rarely run code for seconds. */
const pieceMs = 500;
const steadyPieces = 5;

/** Until the cost no longer falls; what prepares the operations is not counted. */
async function warmUp(running: Running, mostMs: number): Promise<Answer> {
  const start = performance.now();
  let [least, steady, last] = [Infinity, 0, 0];
  while (steady < steadyPieces && performance.now() - start < mostMs) {
    last = await piece(running);
    steady = last < least * 0.98 ? 0 : steady + 1;
    least = Math.min(least, last);
  }
  return { operationMs: last };
}

/** Milliseconds of an operation by the clock. */
async function piece(running: Running): Promise<number> {
  const start = performance.now();
  let [count, spentMs] = [0, 0];
  while (count === 0 || performance.now() - start < pieceMs) {
    await running.prepare?.(1);
    const before = performance.now();
    await running.operation();
    spentMs += performance.now() - before;
    count += 1;
  }
  return spentMs / count;
}

async function round(running: Running, count: number): Promise<Answer> {
  await running.prepare?.(count);
  const before = cpuUs(running);
  for (let done = 0; done < count; done += 1) await running.operation();
  return { costUs: (cpuUs(running) - before) / (count * (running.acts ?? 1)) };
}

function cpuUs(running: Running): number {
  if (running.cpuUs !== undefined) return running.cpuUs();
  const { user, system } = process.cpuUsage();
  return user + system;
}
