/** Measures the subjects of one scenario: CPU time an operation, in rounds in which the subjects take turns. */
import { median } from './median.ts';
import type { CostOf, Goal, Measurement, Outcome, Results, Running, Scenario } from './scenario.ts';

/** Odd, so that the median is a round that happened. */
const rounds = 9;

/** Wall time of one round: long enough that the 1 ms or so of getrusage's granularity is under 1 %. */
const roundMs = 200;

/** Operations before the first round, for the compiler to have seen the code. */
const warmUpMs = 300;

export async function measure(scenario: Scenario): Promise<Results> {
  const entrants: Entrant[] = [];
  try {
    for (const { name, size, start } of scenario.subjects) {
      entrants.push({ name, size, running: await start(), count: 1, costs: [] });
    }
    for (const entrant of entrants) entrant.count = await warmUp(entrant.running);
    // In turns, so that a machine that slows down meanwhile slows all of them.
    for (let round = 0; round < rounds; round += 1) {
      for (const entrant of entrants) entrant.costs.push(await cost(entrant.running, entrant.count));
    }
  } finally {
    for (const { running } of entrants) await running.close();
  }
  const { scenario: name, goals = [], absent = [], notes = [] } = scenario;
  return {
    measurements: entrants.map((entrant) => measurement(name, entrant, entrants)),
    outcomes: goals.map((goal) => outcome(name, goal, entrants)),
    absences: absent.map((absence) => ({ scenario: name, ...absence })),
    notes: notes.map((note) => `${name}: ${note}`),
  };
}

interface Entrant {
  readonly name: string;
  readonly size: number | undefined;
  readonly running: Running;
  /** Operations a round. */
  count: number;
  readonly costs: number[];
}

async function warmUp(running: Running): Promise<number> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < warmUpMs) {
    running.prepare?.(1);
    await running.operation();
    count += 1;
  }
  return Math.max(1, Math.round((count * roundMs) / (performance.now() - start)));
}

async function cost(running: Running, count: number): Promise<number> {
  running.prepare?.(count);
  const before = process.cpuUsage();
  for (let done = 0; done < count; done += 1) await running.operation();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

function measurement(scenario: string, entrant: Entrant, all: readonly Entrant[]): Measurement {
  const { name: subject, size, costs } = entrant;
  const own = all.find((other) => other.name === 'countersign' && other.size === size);
  const ratios = own?.costs.map((ours, round) => (costs[round] ?? Number.NaN) / ours);
  return {
    scenario,
    subject,
    ...(size === undefined ? {} : { size }),
    unit: 'us',
    ...summary(costs),
    ...(ratios === undefined ? {} : { timesCountersign: rounded(median(ratios), 2) }),
  };
}

function outcome(scenario: string, { goal, bound, limit, value }: Goal, entrants: readonly Entrant[]): Outcome {
  const reached = median(Array.from({ length: rounds }, (_, round) => value(costsOf(entrants, round))));
  const met = bound === 'at least' ? reached >= limit : reached <= limit;
  return { scenario, goal, bound, limit, value: rounded(reached, 3), met };
}

function costsOf(entrants: readonly Entrant[], round: number): CostOf {
  return (name, size) => {
    const found = entrants.find((entrant) => entrant.name === name && entrant.size === size)?.costs[round];
    if (found === undefined) throw new TypeError(`no subject ${name}${size === undefined ? '' : ` of size ${size}`}`);
    return found;
  };
}

function summary(costs: readonly number[]): { min: number; median: number; max: number } {
  const us = costs.map((one) => rounded(one, 1));
  return { min: Math.min(...us), median: median(us), max: Math.max(...us) };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
