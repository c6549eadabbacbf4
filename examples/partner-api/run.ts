/**
 * A bank, its gateway and two partners, from the invitation to the evidence: `npm run -s example:partner-api` (`-- --json` for programs).
 *
 * Authority, gateway and service are processes; partners call with curl. Everything is in a folder that is removed at the end.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock as clock } from 'countersign/clock';
import { evidence } from './parts/evidence.ts';
import { Programs } from './parts/programs.ts';
import { reloadUnderLoad } from './parts/reload-under-load.ts';
import { renewed } from './parts/renewed.ts';
import { lineOf, NotAsExpected, Report, type Row, tableOf } from './parts/report.ts';
import { revoked } from './parts/revoked.ts';
import { begin } from './parts/scenario.ts';
import { stolenAndForged } from './parts/stolen-and-forged.ts';
import { suspended } from './parts/suspended.ts';

const json = process.argv.includes('--json');
const tell = (event: string, fields: object): void => {
  if (json) console.log(JSON.stringify({ event, ...fields }));
};

const report = new Report((row: Row) => {
  if (json) tell('tried', row);
  else console.log(lineOf(row));
});
const began = clock.monotonic();
const programs = new Programs(await mkdtemp(join(tmpdir(), 'countersign-example-')));
try {
  const scenario = await begin(programs, report);
  const tokens = await stolenAndForged(scenario);
  await reloadUnderLoad(scenario, tokens.beta);
  await suspended(scenario, tokens.acme);
  await renewed(scenario, tokens);
  await revoked(scenario);
  await evidence(scenario);
  const seconds = ((clock.monotonic() - began) / 1000).toFixed(1);
  if (!json) console.log(`\n${tableOf(report.rows)}\n\n ${report.rows.length} as expected, in ${seconds} s`);
  tell('result', { asExpected: true, tried: report.rows.length, seconds: Number(seconds) });
} catch (error) {
  process.exitCode = 1;
  const why = error instanceof Error ? error.message : String(error);
  if (!json) console.error(`\n not as expected: ${why}\n\n${programs.lastWords()}`);
  tell('result', {
    asExpected: false,
    ...(error instanceof NotAsExpected ? { ...error.row, expected: error.expected } : { reason: why }),
  });
} finally {
  await programs.close();
  await rm(programs.folder, { recursive: true, force: true });
}
