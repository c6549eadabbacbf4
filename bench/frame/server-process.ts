/** A server in a process of its own, whose CPU time and memory are what is measured. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { accessSync, constants } from 'node:fs';

export interface ServerProcess {
  readonly pid: number;
  readonly child: ChildProcess;
  /** User and system time of all its threads so far (proc(5): utime and stime, to the hundredth of a second). */
  cpuUs(): number;
  stop(): Promise<void>;
}

/** USER_HZ is 100 on every architecture that Node runs on. */
const tickUs = 10_000;

export function startServer(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: 'pipe' | 'ignore' = 'ignore',
): ServerProcess {
  const child = spawn(command, args, {
    // Of the tests, which start it often; a benchmark has none.
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    stdio: ['ignore', output, 'ignore'],
  });
  // A subject that fails must not leave its server behind.
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const pid = child.pid ?? 0;
  return {
    pid,
    child,
    cpuUs: () => cpuUsOf(pid),
    stop: async () => {
      process.off('exit', end);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

function cpuUsOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

/** Megabytes of memory that it holds in RAM (proc(5): VmRSS). */
export function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** Where a program is: on PATH, where `go install` puts it, or where Debian has servers. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go', 'bin'), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
