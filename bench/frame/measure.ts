/** Measures the subjects of one scenario: CPU time an operation, in rounds in which the subjects take turns. */
import type { Measurement, Running, Scenario } from './scenario.ts';

/** Odd, so that the median is a round that happened. */
const rounds = 9;

/** Wall time of one round: long enough that the 1 ms or so of getrusage's granularity is under 1 %. */
const roundMs = 200;

/** Operations before the first round, for the compiler to have seen the code. */
const warmUpMs = 300;

export async function measure(scenario: Scenario): Promise<Measurement[]> {
  const entrants: Entrant[] = [];
  try {
    for (const subject of scenario.subjects) {
      entrants.push({ name: subject.name, running: await subject.start(), count: 1, costs: [] });
    }
    for (const entrant of entrants) entrant.count = await warmUp(entrant.running);
    // In turns, so that a machine that slows down meanwhile slows all of them.
    for (let round = 0; round < rounds; round += 1) {
      for (const entrant of entrants) entrant.costs.push(await cost(entrant.running, entrant.count));
    }
  } finally {
    for (const { running } of entrants) await running.close();
  }
  return entrants.map(({ name, costs }) => ({
    scenario: scenario.scenario,
    subject: name,
    unit: 'us',
    ...summary(costs),
  }));
}

interface Entrant {
  readonly name: string;
  readonly running: Running;
  /** Operations a round. */
  count: number;
  readonly costs: number[];
}

async function warmUp(running: Running): Promise<number> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < warmUpMs) {
    await running.operation();
    count += 1;
  }
  return Math.max(1, Math.round((count * roundMs) / (performance.now() - start)));
}

async function cost(running: Running, count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < count; done += 1) await running.operation();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function summary(costs: readonly number[]): { min: number; median: number; max: number } {
  const sorted = costs.toSorted((a, b) => a - b).map((us) => Math.round(us * 10) / 10);
  return { min: sorted[0] ?? 0, median: sorted[(sorted.length - 1) / 2] ?? 0, max: sorted.at(-1) ?? 0 };
}
