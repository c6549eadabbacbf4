/**
 * `npm run bench:check`: whether our generator measures what others do, on plain HTTP. They take turns at one server, and the median of the
 * ratios must be within a tenth. Ends with 1 where it is not; a generator that is not installed is left out by name.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../frame/median.ts';
import { freePort } from '../frame/listening.ts';
import { startPinned } from '../servers/tls-server.ts';
import { type Asked, type Generator, others, ours, type Told } from './generators.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' } },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = 16;

/** What a request costs the server in microseconds: next to nothing, and what a small service does. */
const works = [0, 200];

/** Share of a core from which on it is the server that sets the rate, and both generators must see the same; below, each sees its own limit. */
const serverBusy = 0.9;

/** How far our numbers may be from the others'. */
const tolerance = 0.1;

let missed = 0;
for (const other of others) {
  if (!other.present) {
    console.log(`skipped: ${other.name} is not installed`);
    continue;
  }
  for (const http of other.speaks) for (const busyUs of works) await compare(other, http, busyUs);
}
if (missed > 0) process.exitCode = 1;

async function compare(other: Generator, http: 1 | 2, busyUs: number): Promise<void> {
  const port = await freePort();
  const server = startPinned(process.execPath, [
    join(import.meta.dirname, 'plain-process.ts'),
    String(port),
    String(http),
    String(busyUs),
  ]);
  try {
    const asked: Asked = { port, http, connections, seconds };
    // Its code is compiled while it is asked; the first answers are of no account.
    await untilReady(asked);
    const turns: (readonly [Measured, Measured])[] = [];
    for (let round = 0; round < rounds; round += 1)
      turns.push([
        await measured(ours, asked, () => server.cpuUs()),
        await measured(other, asked, () => server.cpuUs()),
      ]);
    report(`HTTP/${http === 1 ? '1.1' : '2'}, ${busyUs} us of work, beside ${other.name}`, busyUs, turns);
  } finally {
    await server.stop();
  }
}

async function untilReady(asked: Asked): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      await ours.run({ ...asked, seconds: 2 });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  throw new Error('the plain server did not start');
}

interface Measured extends Told {
  /** CPU time of the server for one request. */
  readonly costUs: number;
}

async function measured(generator: Generator, asked: Asked, cpuUs: () => number): Promise<Measured> {
  const before = cpuUs();
  const told = await generator.run(asked);
  return { ...told, costUs: (cpuUs() - before) / told.operations };
}

function report(what: string, busyUs: number, turns: readonly (readonly [Measured, Measured])[]): void {
  const ratio = (of: (one: Measured) => number): number => median(turns.map(([own, theirs]) => of(own) / of(theirs)));
  const busy = turns.flat().every(({ costUs, perSecond }) => (costUs * perSecond) / 1e6 >= serverBusy);
  // Where others take the processor from the server, the rates are theirs: what a request cost it is then all that can be compared.
  const starved = busyUs > 0 && !busy;
  const judged = busy || starved;
  const rate = (which: 0 | 1): number => Math.round(median(turns.map((turn) => turn[which].perSecond)));
  const ratioOfRates = ratio(({ perSecond }) => perSecond);
  const ratioOfCosts = ratio(({ costUs }) => costUs);
  const met = Math.abs((starved ? ratioOfCosts : ratioOfRates) - 1) <= tolerance;
  if (judged && !met) missed += 1;
  const why = starved ? '; judged by the CPU time: the server did not get its core' : '';
  const verdict = met ? 'met   ' : judged ? 'MISSED' : 'other ';
  console.log(
    `${verdict} ${what}: ${rate(0)} and ${rate(1)} a second, ratio ${ratioOfRates.toFixed(3)}; ` +
      `the server's CPU time for each, ratio ${ratioOfCosts.toFixed(3)}${judged ? why : '; not judged: the server was not busy all the time'}`,
  );
}
