/** What `process.nextTick` costs after a process has rested for a few collections: in bare Node, and where our endpoints are in it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { median } from '../frame/median.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { importingOptions } from '../issuing/built-package.ts';

export const scenario = 'next-tick';
export const subjects: Scenario['subjects'] = [];

/** As `tick-process.ts` is told them. */
const states = {
  young: '1,000 ticks: bare Node, young',
  rested: '1,000 ticks: bare Node, rested',
  countersign: '1,000 ticks: countersign, rested',
};

/** In turns; odd. */
const rounds = 5;

export const facts: NonNullable<Scenario['facts']> = { names: Object.values(states), find };

export const goals: readonly Goal[] = [
  {
    goal: 'rested for young',
    bound: 'at most',
    limit: 1.3,
    value: (fact) => fact(states.countersign) / fact(states.young),
  },
];

function find(): Promise<Fact[]> {
  const all = Object.entries(states).map(([state, name]) => ({ state, name, found: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) for (const { state, found } of all) found.push(costOf(state));
  return Promise.resolve(all.map(({ name, found }) => ({ name, unit: 'us' as const, value: median(found) })));
}

function costOf(state: string): number {
  const program = join(import.meta.dirname, '../live/tick-process.ts');
  return Number(
    execFileSync(process.execPath, ['--expose-gc', ...importingOptions(), program, state], { encoding: 'utf8' }),
  );
}
