/** The command's entry: gives it the real world and ends the process with its status. */
import { systemClock } from '../ground/clock/index.ts';
import { withoutSecrets } from '../ground/errors/index.ts';
import { systemCode } from '../runtime/config/index.ts';
import type { World } from './call.ts';
import { toRefusal } from './fault.ts';
import { createOutput } from './output/output.ts';
import { Ending, endingStatus, type EndingSignal } from './process/ending.ts';
import { runCommandLine } from './run-command-line.ts';

const world: World = {
  env: process.env,
  execArgv: process.execArgv,
  workingDirectory: process.cwd(),
  pid: process.pid,
  clock: systemClock,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  ending: new Ending(),
};

for (const signal of Object.keys(endingStatus) as EndingSignal[]) {
  process.on(signal, () => {
    if (!world.ending.ask(signal)) process.exit(endingStatus[signal]);
  });
}

const argv = process.argv.slice(2);

process.on('uncaughtException', (error) => {
  createOutput(argv.includes('--json'), world).refuse(toRefusal(error));
  if ((world.env['COUNTERSIGN_DEBUG'] ?? '') !== '') process.stderr.write(`${withoutSecrets(error.stack ?? '')}\n`);
  process.exit(3);
});

let unwritten: unknown;
process.stdout.on('error', (error: Error) => (unwritten ??= error));
process.exitCode = await runCommandLine(argv, world);
// A pipe takes 64 KiB at a time, and an exit drops what it has not taken yet.
await Promise.all([written(process.stdout), written(process.stderr)]);
// A reader that went away (head, less) is no fault of the command; an answer that the disk did not take is no answer.
if (unwritten !== undefined && systemCode(unwritten) !== 'EPIPE') {
  createOutput(false, world).refuse(toRefusal(unwritten));
  process.exitCode = 3;
}
// Ended at once then: a pool's idle connection must not hold up an answer that has been given.
process.exit();

/** Resolves when a reader has taken everything, or has gone. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}
