/** `npm run -s bench -- [--only PREFIX] [--json]`: measures the scenarios of bench/scenarios whose name starts with PREFIX. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './frame/measure.ts';
import type { Measurement, Scenario } from './frame/scenario.ts';

const folder = join(import.meta.dirname, 'scenarios');

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, json: { type: 'boolean', default: false } },
});

const all = await scenarios();
const chosen = all.filter(({ scenario }) => scenario.startsWith(values.only));
if (chosen.length === 0) {
  console.error(
    `bench: no scenario starts with "${values.only}"; there are: ${all.map(({ scenario }) => scenario).join(', ') || 'none'}`,
  );
  process.exitCode = 2;
}

const measurements: Measurement[] = [];
for (const scenario of chosen) measurements.push(...(await measure(scenario)));
if (values.json) console.log(JSON.stringify(measurements));
else if (measurements.length > 0) console.table(measurements);

async function scenarios(): Promise<Scenario[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.ts')).sort();
  return Promise.all(names.map((name) => import(join(folder, name)) as Promise<Scenario>));
}
