/** The command in this process, for what it says and does; that it is a process of its own is for the tests of that, and costs as much as fifty of these. */
import { PassThrough, Writable } from 'node:stream';
import type { World } from '../../packages/countersign/src/cli/call.ts';
import { Ending } from '../../packages/countersign/src/cli/process/ending.ts';
import { runCommandLine } from '../../packages/countersign/src/cli/run-command-line.ts';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { type Ended, countersign as countersignAsProcess, endedWith, type Surroundings } from './command.ts';

class Collected extends Writable {
  readonly #parts: Buffer[] = [];
  readonly #heard: (text: string) => void;

  constructor(heard: (text: string) => void = () => undefined) {
    super();
    this.#heard = heard;
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#parts.push(chunk);
    this.#heard(chunk.toString());
    done();
  }
}

let underWay = 0;
let umask = 0;

/** They start programs. */
const processes: ReadonlySet<string | undefined> = new Set(['run', 'demo']);

/**
 * Answers as that of `command.ts` does, to which it leaves what concerns the process: its programs, its folder, what Node itself reads.
 * An authority that it starts is asked to end as soon as it is ready.
 */
export function countersign(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const { env = {}, cwd, keepInputOpen = false } = surroundings;
  const ofNode = Object.keys(env).some((name) => /^(NODE_|SSL|OPENSSL)/.test(name));
  if (processes.has(args[0]) || ofNode || cwd !== undefined || keepInputOpen)
    return countersignAsProcess(args, surroundings);
  return called(args, surroundings);
}

async function called(args: readonly string[], { env = {}, input = '' }: Surroundings): Promise<Ended> {
  const ending = new Ending();
  const heard = (text: string): void => {
    if (args[0] === 'up' && /"event":"ready"|ready in/.test(text)) ending.ask('SIGTERM');
  };
  const [stdin, stdout, stderr] = [new PassThrough(), new Collected(heard), new Collected()];
  stdin.end(input);
  const world: World = {
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
    execArgv: [],
    workingDirectory: process.cwd(),
    pid: process.pid,
    clock: systemClock,
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    ending,
  };
  // Some commands set it for the process, which is not to hide what another forgets.
  if (underWay++ === 0) umask = process.umask(0o022);
  try {
    const status = await runCommandLine(args, world);
    return endedWith(status, null, stdout.text, stderr.text);
  } finally {
    if (--underWay === 0) process.umask(umask);
  }
}
