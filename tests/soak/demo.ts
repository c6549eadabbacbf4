/**
 * Runs the demonstration again and again and counts what it lost: `npm run soak:demo -- --runs 20`.
 * One line a run, then the sum; ends with 1 where a request was lost, a stranger got in or a run failed.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

interface Result {
  readonly requests: number;
  readonly lost: number;
  readonly rotations: number;
  readonly refused: readonly { readonly stranger: string; readonly code: string }[];
  readonly revocation: { readonly closed: number; readonly ms: number };
}

const launcher = fileURLToPath(new URL('../../packages/countersign/bin/countersign', import.meta.url));
const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' } } });
const runs = Number(values.runs);

const results: Result[] = [];
for (let run = 1; run <= runs; run++) {
  const result = await demo();
  results.push(result);
  const { requests, lost, rotations, refused, revocation } = result;
  print(
    `run ${run} of ${runs}: ${requests} requests, ${lost} lost, ${rotations} rotations, ${refused.length} refused, ` +
      `${revocation.closed} closed after ${revocation.ms} ms`,
  );
}

const total = (of: (result: Result) => number): number => results.reduce((sum, result) => sum + of(result), 0);
const slowestMs = Math.max(...results.map(({ revocation }) => revocation.ms));
print(
  `${runs} runs: ${total(({ requests }) => requests)} requests, ${total(({ lost }) => lost)} lost; slowest closing ${slowestMs} ms`,
);
if (results.some(({ lost, refused, revocation }) => lost > 0 || refused.length !== 5 || revocation.closed < 1))
  process.exitCode = 1;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function demo(): Promise<Result> {
  const { stdout } = await promisify(execFile)(launcher, ['demo', '--json'], { timeout: 120_000 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Result;
}
