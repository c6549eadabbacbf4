/** Starts this command again as a worker; its lines go out with those of the primary, each whole. */
import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import type { Call } from '../call.ts';
import { workerVariable } from './worker-channel.ts';

/** Octets that wait for a slow reader of the log, before workers have to wait, and leave lines out themselves. */
const mostWaiting = 1024 * 1024;

export function startWorker({ arguments: given, output, world }: Call, worker: number): ChildProcess {
  const [, main = ''] = process.argv;
  const child = fork(main, ['gateway', ...given, ...(output.json ? ['--json'] : [])], {
    execArgv: [...world.execArgv],
    env: { ...world.env, [workerVariable]: String(worker) },
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const { stdout } = child;
  let rest: Buffer = Buffer.alloc(0);
  stdout?.on('data', (piece: Buffer) => {
    const end = piece.lastIndexOf(0x0a) + 1;
    if (end === 0) {
      rest = Buffer.concat([rest, piece]);
      return;
    }
    world.stdout.write(Buffer.concat([rest, piece.subarray(0, end)]));
    rest = piece.subarray(end);
    if (world.stdout.writableLength <= mostWaiting) return;
    stdout.pause();
    world.stdout.once('drain', () => stdout.resume());
  });
  return child;
}
