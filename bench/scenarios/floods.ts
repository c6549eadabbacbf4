/** A gateway under floods of bounded rates: by how much they lengthen the calls of others, in rounds with and without each by turns, and the turns of its event loop. */
import { manners, type Manner } from '../../tests/e2e/floods/flooding.ts';
import { type FloodedGateway, type Flooding, startFlooded } from '../floods/flooded-gateway.ts';
import { percentile, WellMeantCalls } from '../floods/well-meant-calls.ts';
import { median } from '../frame/median.ts';
import type { Fact, Goal, Scenario } from '../frame/scenario.ts';
import { pinGenerator } from '../servers/tls-server.ts';

export const scenario = 'floods';
export const subjects: Scenario['subjects'] = [];
export const slow = true;

/** Odd, so that the median is a round that happened. */
const rounds = Number(process.env['COUNTERSIGN_FLOOD_ROUNDS'] ?? 5);
const roundMs = 2_000;

/** Some of them, for who looks for the cause of one. */
const wanted = new RegExp(process.env['COUNTERSIGN_FLOODS'] ?? '');

/**
 * Connections a second, and at a time. Handshakes: what a core of a program in Node makes of them. Floods of frames have 2,000 streams or 5,000 frames in
 * each connection; slow ones come once, and again when they are turned out.
 */
const [handshakes, frames, slowOnes] = [
  { count: 20, perSecond: 400 },
  { count: 20, perSecond: 20 },
  { count: 1_000, perSecond: 500 },
];
const orders: Readonly<Record<Manner, Omit<Flooding, 'manner'>>> = {
  handshakes,
  'strangers-handshakes': handshakes,
  'slow-hellos': slowOnes,
  'slow-headers': slowOnes,
  'slow-bodies': slowOnes,
  'endless-answers': slowOnes,
  'rapid-reset': frames,
  settings: frames,
  pings: frames,
  continuations: frames,
  'endless-streams': frames,
};

const times = (manner: Manner): string => `${manner}: p99, flooded for calm`;
const figures = {
  calm: { unit: 'ms', said: 'p99 calm' },
  flooded: { unit: 'ms', said: 'p99 flooded' },
  keptCalm: { unit: 'ms', said: 'p99 of kept connections, calm' },
  keptFlooded: { unit: 'ms', said: 'p99 of kept connections, flooded' },
  turnsCalm: { unit: 'ms', said: "p99 of the event loop's delay, calm" },
  turnsFlooded: { unit: 'ms', said: "p99 of the event loop's delay, flooded" },
  longestCalm: { unit: 'ms', said: 'the longest of these delays, calm' },
  longestFlooded: { unit: 'ms', said: 'the longest of these delays, flooded' },
  busyCalm: { unit: 'ms', said: 'CPU time a second, calm' },
  busyFlooded: { unit: 'ms', said: 'CPU time a second, flooded' },
  came: { unit: 'count', said: 'connections of the flood a second' },
} as const;
type Round = Record<keyof typeof figures, number>;
const names = Object.keys(figures) as (keyof typeof figures)[];

export const facts: NonNullable<Scenario['facts']> = {
  names: manners.flatMap((manner) => [...names.map((name) => `${manner}: ${figures[name].said}`), times(manner)]),
  find,
};

export const goals: readonly Goal[] = manners
  .filter((manner) => wanted.test(manner))
  .map((manner) => ({
    goal: `${manner}: p99 of others, flooded for calm`,
    bound: 'at most' as const,
    limit: 2,
    value: (fact) => fact(times(manner)),
  }));

export const notes: readonly string[] = [
  'the gateway on the first core; on the second those who call it (200 a second by the clock, each tenth with a handshake of its own), the program behind it, and the flood, which yields to them',
  'calm: the same flood at another gateway, which yields to this one, so that the callers and who floods share their core in both halves',
  `${handshakes.perSecond} handshakes a second at the most, ${frames.perSecond} connections with a burst of frames, ${slowOnes.count} slow ones at a time`,
  `each number the median of ${rounds} rounds of ${roundMs / 1_000} s; what is compared are the two halves of one round`,
];

async function find(): Promise<Fact[]> {
  pinGenerator();
  const gateway = await startFlooded();
  const calls = new WellMeantCalls(gateway);
  try {
    await calls.during(2 * roundMs);
    const found: Fact[] = [];
    for (const manner of manners.filter((one) => wanted.test(one))) {
      const all: Round[] = [];
      while (all.length < rounds) all.push(await round(gateway, calls, { manner, ...orders[manner] }));
      for (const name of names)
        found.push({
          name: `${manner}: ${figures[name].said}`,
          unit: figures[name].unit,
          value: median(all.map((one) => one[name])),
        });
      found.push({ name: times(manner), unit: 'times', value: median(all.map((one) => one.flooded / one.calm)) });
    }
    return found;
  } finally {
    calls.close();
    await gateway.close();
  }
}

async function round(gateway: FloodedGateway, calls: WellMeantCalls, flooding: Flooding): Promise<Round> {
  const calm = await half(gateway, calls, flooding, 'elsewhere');
  const flooded = await half(gateway, calls, flooding, 'here');
  return {
    ...{ calm: calm.p99, keptCalm: calm.kept, turnsCalm: calm.turns, longestCalm: calm.longest, busyCalm: calm.busy },
    ...{
      flooded: flooded.p99,
      keptFlooded: flooded.kept,
      turnsFlooded: flooded.turns,
      longestFlooded: flooded.longest,
      busyFlooded: flooded.busy,
    },
    came: flooded.came,
  };
}

interface Half {
  readonly p99: number;
  readonly kept: number;
  readonly turns: number;
  readonly longest: number;
  readonly busy: number;
  readonly came: number;
}

async function half(
  gateway: FloodedGateway,
  calls: WellMeantCalls,
  flooding: Flooding,
  where: 'here' | 'elsewhere',
): Promise<Half> {
  const end = await gateway.flood(flooding, where);
  await gateway.turns();
  const began = performance.now();
  const { all, kept } = await calls.during(roundMs);
  const seconds = (performance.now() - began) / 1_000;
  const { p99Ms, mostMs, cpuMs, told } = await gateway.turns();
  const came = await end();
  if (process.env['COUNTERSIGN_FLOODS_TOLD'] !== undefined) console.error(where, { came, mostMs, ...told });
  // What is left of it is over when this is answered.
  await calls.during(200);
  return {
    p99: percentile(all, 0.99),
    kept: percentile(kept, 0.99),
    turns: p99Ms,
    longest: mostMs,
    busy: cpuMs / seconds,
    came,
  };
}
