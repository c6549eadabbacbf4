/** Measures the subjects of one scenario: CPU time an operation, in rounds in which the subjects take turns. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { median } from './median.ts';
import type { CostOf, Goal, Measurement, Outcome, Remark, Results, Scenario } from './scenario.ts';
import type { Answer, Order } from './subject-process.ts';

/** Odd, so that the median is a round that happened. */
const defaultRounds = 9;

/** What of a scenario is measured; by default all of it. */
export interface Chosen {
  /** By name; what is a goal for others as well is no goal then. */
  readonly subjects?: readonly string[];
  readonly rounds?: number;
}

/** Wall time of one round, where the scenario names none: long enough that the 1 ms or so of getrusage's granularity is under 1 %. */
const defaultRoundMs = 200;

/** Wall time that operations before the first round take at the most; they end when the cost no longer falls. */
const mostWarmUpMs = 10_000;

export async function measure(scenario: Scenario, chosen: Chosen = {}): Promise<Results> {
  return scenario.facts === undefined ? measureSubjects(scenario, chosen) : findFacts(scenario, scenario.facts);
}

async function findFacts(scenario: Scenario, asked: NonNullable<Scenario['facts']>): Promise<Results> {
  const facts = await asked.find();
  const { scenario: name, goals = [], remarks = [], notes = [] } = scenario;
  const costs: CostOf = (fact, size) =>
    facts.find((one) => one.name === fact && one.size === size)?.value ?? Number.NaN;
  return {
    measurements: facts.map(({ name: subject, size, unit, value }) => {
      const only = rounded(value, 2);
      return { scenario: name, subject, ...(size === undefined ? {} : { size }), unit, ...summary([only]) };
    }),
    outcomes: goals.map((goal) => outcomeOf(name, goal, goal.value(costs))),
    absences: [],
    notes: [...notes, ...remarks.map((remark) => noteOf(remark, remark.value(costs)))].map(
      (note) => `${name}: ${note}`,
    ),
  };
}

async function measureSubjects(scenario: Scenario, chosen: Chosen): Promise<Results> {
  const { rounds = defaultRounds } = chosen;
  const entrants: Entrant[] = [];
  try {
    for (const [place, { name, size }] of scenario.subjects.entries()) {
      if (chosen.subjects?.includes(name) === false) continue;
      entrants.push({ name, size, subject: await startProcess(scenario.scenario, place), count: 1, costs: [] });
    }
    for (const entrant of entrants) {
      const count = await warmUp(entrant.subject, scenario.roundMs ?? defaultRoundMs);
      entrant.count = Math.max(count, scenario.leastOperations ?? 1);
    }
    // In turns, so that a machine that slows down meanwhile slows all of them.
    for (let round = 0; round < rounds; round += 1) {
      for (const { subject, count, costs } of entrants) costs.push(await cost(subject, count));
    }
  } finally {
    for (const { subject } of entrants) if (subject.connected) subject.disconnect();
  }
  const { scenario: name, goals = [], absent = [], remarks = [], notes = [] } = scenario;
  const reachable = chosen.subjects === undefined ? goals : goals.filter((goal) => isOf(goal, entrants));
  const said = remarks
    .filter((remark) => isOf(remark, entrants))
    .map((remark) => noteOf(remark, medianOf(remark, entrants)));
  return {
    measurements: entrants.map((entrant) => measurement(name, entrant, entrants)),
    outcomes: reachable.map((goal) => outcome(name, goal, entrants)),
    absences: absent.map((absence) => ({ scenario: name, ...absence })),
    notes: [...notes, ...said].map((note) => `${name}: ${note}`),
  };
}

interface Entrant {
  readonly name: string;
  readonly size: number | undefined;
  readonly subject: ChildProcess;
  /** Operations a round. */
  count: number;
  readonly costs: number[];
}

/** A process each: in one together a subject would pay for the garbage, and lose the compiled code, of those before it. */
async function startProcess(scenario: string, place: number): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'subject-process.ts'), [scenario, String(place)]);
  await answerOf(child);
  return child;
}

function answerOf(child: ChildProcess): Promise<Answer> {
  return new Promise((answer, fail) => {
    const ended = (status: number | null): void =>
      fail(new Error(`a subject's process ended with status ${String(status)}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      answer(message as Answer);
    });
  });
}

function ask(child: ChildProcess, order: Order): Promise<Answer> {
  const answer = answerOf(child);
  child.send(order);
  return answer;
}

/** Answers how many operations a round takes. */
async function warmUp(subject: ChildProcess, roundMs: number): Promise<number> {
  const answer = await ask(subject, { do: 'warm up', mostMs: mostWarmUpMs });
  return 'operationMs' in answer ? Math.max(1, Math.round(roundMs / answer.operationMs)) : 1;
}

async function cost(subject: ChildProcess, count: number): Promise<number> {
  const answer = await ask(subject, { do: 'round', count });
  return 'costUs' in answer ? answer.costUs : Number.NaN;
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

/** Whether it asks for no cost but theirs. */
function isOf(goal: Pick<Goal, 'value'>, entrants: readonly Entrant[]): boolean {
  let others = 0;
  goal.value((name, size) => {
    if (!entrants.some((entrant) => entrant.name === name && entrant.size === size)) others += 1;
    return 1;
  });
  return others === 0;
}

function outcome(scenario: string, target: Goal, entrants: readonly Entrant[]): Outcome {
  return outcomeOf(scenario, target, medianOf(target, entrants));
}

/** Over the rounds. */
function medianOf({ value }: Pick<Goal, 'value'>, entrants: readonly Entrant[]): number {
  const [first] = entrants;
  return median((first?.costs ?? []).map((_, round) => value(costsOf(entrants, round))));
}

function noteOf({ remark }: Remark, value: number): string {
  return `${remark}: ${String(rounded(value, 3))}`;
}

function outcomeOf(scenario: string, { goal, bound, limit }: Goal, reached: number): Outcome {
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
