/** Kills the authority many times and says what came of it: `npm run crash -- --kills 1000`, `--json` for a program. Ends with 1 at the first broken promise. */
import { parseArgs } from 'node:util';
import { campaign, type Death, everyMoment } from './campaign.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
});
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1) throw new TypeError('--kills takes a number of kills');

const began = performance.now();
const deaths: Death[] = [];
try {
  await campaign({ kills, moments: everyMoment, onDeath: tell });
} catch (error) {
  const broken = describe(error);
  if (values.json) print({ event: 'result', kept: false, kills: deaths.length, broken });
  else say(`\nbroken after ${String(deaths.length)} kills: ${broken}`);
  process.exit(1);
}
const seconds = Math.round((performance.now() - began) / 1000);
const restarts = deaths.map(({ restartMs }) => restartMs).sort((a, b) => a - b);
const [median, slowest] = [0.5, 1].map((part) => Math.round(restarts[Math.ceil(part * restarts.length) - 1] ?? 0));
const byMoment = [...Map.groupBy(deaths, ({ moment }) => moment)].map(([moment, of]) => ({
  moment,
  kills: of.length,
  atTheStep: of.filter(({ reached }) => reached).length,
  acknowledged: sum(of.map(({ acknowledged }) => acknowledged)),
  asked: sum(of.map(({ asked }) => asked)),
}));
if (values.json) {
  print({ event: 'result', kept: true, kills, seconds, restartMs: { median, slowest }, moments: byMoment });
} else {
  say(`\n\n${'killed at'.padEnd(26)} kills  at the step  told of asked`);
  for (const { moment, kills: count, atTheStep, acknowledged, asked } of byMoment.sort((a, b) =>
    a.moment < b.moment ? -1 : 1,
  ))
    say(
      `${moment.padEnd(26)} ${String(count).padStart(5)}  ${String(atTheStep).padStart(11)}  ${String(acknowledged)} of ${String(asked)}`,
    );
  say(
    `\n${String(kills)} kills in ${String(seconds)} s; back in ${String(median)} ms (median), ${String(slowest)} ms at most; every promise kept`,
  );
}

function tell(death: Death): void {
  deaths.push(death);
  if (values.json) print({ event: 'killed', ...death, restartMs: Math.round(death.restartMs) });
  else process.stdout.write(`\r${String(deaths.length)} of ${String(kills)} kills, ${death.moment.padEnd(26)}`);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function print(line: object): void {
  say(JSON.stringify(line));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
