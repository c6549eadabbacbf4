/** The command's entry: gives it the real world and ends the process with its status. */
import { systemClock } from '../ground/clock/index.ts';
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
  if ((world.env['COUNTERSIGN_DEBUG'] ?? '') !== '') process.stderr.write(`${error.stack ?? ''}\n`);
  process.exit(3);
});

// Set, then ended at once: a pool's idle connection must not hold up an answer that has been given.
process.exitCode = await runCommandLine(argv, world);
process.exit();
