/** A program as our child: it hears the signals that we hear, and its end is ours. */
import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { Refusal } from '../../ground/errors/index.ts';
import { systemReason } from '../fault.ts';
import type { Ending } from './ending.ts';

export interface ProgramEnd {
  /** As a shell says it: the program's own, or 128 + n when signal n ended it (POSIX 2.8.2). */
  readonly status: number;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Whether stdout is kept for JSON, so that the program's goes to stderr. */
  readonly stdoutTaken: boolean;
  /** Whether a terminal sends its signals to the program too, being in the same foreground group. */
  readonly terminal: boolean;
  readonly ending: Ending;
  /** Hears of the program's process as soon as there is one. */
  readonly onStart?: (pid: number | undefined) => void;
}

/** Those that no command of ours acts on. Not SIGUSR1: under --disable-sigusr1, which shuts Node's debugger, it reaches no listener. */
const passedOn: readonly NodeJS.Signals[] = ['SIGQUIT', 'SIGUSR2', 'SIGWINCH'];

/** Sent by the terminal to the whole foreground group: passed on they would come twice. */
const fromTerminal: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH']);

export async function runProgram(program: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  const [name = '', ...args] = program;
  const child = spawn(name, args, {
    cwd: options.workingDirectory,
    env: options.env,
    stdio: ['inherit', options.stdoutTaken ? 2 : 'inherit', 'inherit'],
  });
  options.onStart?.(child.pid);
  const pass = (signal: NodeJS.Signals): void => {
    if (!(options.terminal && fromTerminal.has(signal))) child.kill(signal);
  };
  const unwatch = options.ending.watch(pass, { always: true });
  for (const signal of passedOn) process.on(signal, pass);
  try {
    return await ended(child, name);
  } finally {
    unwatch();
    for (const signal of passedOn) process.off(signal, pass);
  }
}

function ended(child: ChildProcess, program: string): Promise<ProgramEnd> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(new Refusal('CS-RUN-003', { program, reason: systemReason(error) }, { cause: error }));
    });
    child.once('exit', (code, signal) => {
      resolve({ status: signal === null ? (code ?? 0) : 128 + constants.signals[signal], signal });
    });
  });
}
