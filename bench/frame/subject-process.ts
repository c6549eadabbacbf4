/** One subject in a process of its own: it does as many operations as it is told, and says what each cost. */
import { readScenarios } from './scenarios.ts';
import type { Running } from './scenario.ts';

/** What the process is told, one at a time. */
export type Order = { readonly do: 'warm up'; readonly ms: number } | { readonly do: 'round'; readonly count: number };

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
  return order.do === 'warm up' ? warmUp(running, order.ms) : round(running, order.count);
}

/** What prepares the operations is not counted. */
async function warmUp(running: Running, ms: number): Promise<Answer> {
  const start = performance.now();
  let [count, spentMs] = [0, 0];
  while (performance.now() - start < ms) {
    running.prepare?.(1);
    const before = performance.now();
    await running.operation();
    spentMs += performance.now() - before;
    count += 1;
  }
  return { operationMs: spentMs / count };
}

async function round(running: Running, count: number): Promise<Answer> {
  running.prepare?.(count);
  const before = process.cpuUsage();
  for (let done = 0; done < count; done += 1) await running.operation();
  const { user, system } = process.cpuUsage(before);
  return { costUs: (user + system) / count };
}
