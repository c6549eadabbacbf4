/** Measures the subjects of one scenario: CPU time an operation, in rounds in which the subjects take turns. */
import { median } from './median.ts';
import type { CostOf, Goal, Measurement, Outcome, Results, Running, Scenario } from './scenario.ts';

/** Odd, so that the median is a round that happened. */
const rounds = 9;

/** Wall time of one round: long enough that the 1 ms or so of getrusage's granularity is under 1 %. */
const roundMs = 200;

/** Wall time of operations before the first round, until the compiler is done with the code: parsing was still getting faster after half of it. */
const warmUpMs = 1000;

export async function measure(scenario: Scenario): Promise<Results> {
  const entrants: Entrant[] = [];
  try {
    for (const subject of scenario.subjects) {
      const { name, size } = subject;
      entrants.push({ name, size, running: await subject.start(), count: 1, costs: [] });
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

/** Answers how many operations a round takes; what prepares them is not counted. */
async function warmUp(running: Running): Promise<number> {
  const start = performance.now();
  let [count, spentMs] = [0, 0];
  while (performance.now() - start < warmUpMs) {
    running.prepare?.(1);
    const before = performance.now();
    await running.operation();
    spentMs += performance.now() - before;
    count += 1;
  }
  return Math.max(1, Math.round((count * roundMs) / spentMs));
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

function outcome(scenario: string, target: Goal, entrants: readonly Entrant[]): Outcome {
  const { goal, bound, limit } = target;
  const reached = median(Array.from({ length: rounds }, (_, round) => target.value(costsOf(entrants, round))));
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
