/**
 * `npm run -s bench -- [--only PREFIX] [--subjects NAME,NAME] [--rounds N] [--json]`: measures the scenarios of bench/scenarios whose name, or group and
 * name, starts with PREFIX. Two subjects in many rounds give a ratio that is steadier than all of them in few.
 */
import { parseArgs } from 'node:util';
import { measure } from './frame/measure.ts';
import { printReport } from './frame/report.ts';
import type { Results } from './frame/scenario.ts';
import { isChosen, readScenarios } from './frame/scenarios.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    subjects: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const chosenParts = {
  ...(values.subjects === undefined ? {} : { subjects: values.subjects.split(',') }),
  ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
};

const all = await readScenarios();
const chosen = all.filter((scenario) => isChosen(scenario, values.only));
if (chosen.length === 0) {
  console.error(
    `bench: no scenario starts with "${values.only}"; there are: ${all.map(({ scenario }) => scenario).join(', ') || 'none'}`,
  );
  process.exitCode = 2;
}

const results: Results[] = [];
for (const scenario of chosen) results.push(await measure(scenario, chosenParts));
const together: Results = {
  measurements: results.flatMap(({ measurements }) => measurements),
  outcomes: results.flatMap(({ outcomes }) => outcomes),
  absences: results.flatMap(({ absences }) => absences),
  notes: results.flatMap(({ notes }) => notes),
};
// One list: rows with `subject` and `median` are measurements, those with `goal` outcomes, those with `absent` who is missing.
if (values.json) console.log(JSON.stringify([...together.measurements, ...together.outcomes, ...together.absences]));
else printReport(together);
