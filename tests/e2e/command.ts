/** The real command as a child process: called, waited for, its output taken apart. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { compiledModules } from '../fixtures/compiled-modules.ts';

export const launcher: string = resolve(import.meta.dirname, '../../packages/countersign/bin/countersign');

export type Event = Readonly<Record<string, unknown>>;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** The lines of stdout as JSON; throws where one is not. */
  readonly events: readonly Event[];
  /** The last of them. */
  readonly result: Event;
}

export interface Surroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Whoever starts it writes to its stdin. */
  readonly keepInputOpen?: boolean;
}

export function countersign(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  return ended(start(args, surroundings));
}

const running = new Set<ChildProcess>();

// A test that fails half-way leaves its authority behind, and this process would wait for it for ever.
after(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Nothing of the developer's own settings reaches the command under test. */
export function start(args: readonly string[], surroundings: Surroundings = {}): ChildProcess {
  return spawnClean(launcher, args, surroundings);
}

/** Any program in the same clean surroundings, such as one that starts the command. */
export function spawnClean(
  program: string,
  args: readonly string[],
  { env, cwd, input, keepInputOpen = false }: Surroundings = {},
): ChildProcess {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(COUNTERSIGN_|NODE_|npm_|XDG_|SSL|OPENSSL)/.test(name),
  );
  const surrounding = { ...Object.fromEntries(kept), ...compiledModules, HOME: '/nonexistent', ...env };
  const child = spawn(program, [...args], { cwd, env: surrounding });
  running.add(child);
  child.once('exit', () => running.delete(child));
  // A command that refuses before it reads closes the pipe.
  child.stdin.on('error', () => undefined);
  if (!keepInputOpen) child.stdin.end(input ?? '');
  return child;
}

export async function ended(child: ChildProcess): Promise<Ended> {
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, name) => done([code, name]));
  });
  return endedWith(status, signal, out, err);
}

export function endedWith(status: number | null, signal: NodeJS.Signals | null, out: string, err: string): Ended {
  const events = (): Event[] =>
    out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Event);
  return {
    status,
    signal,
    out,
    err,
    get events() {
      return events();
    },
    get result() {
      return events().at(-1) ?? {};
    },
  };
}

/** The first event called `name` on the child's stdout; whatever it says later is kept flowing. */
export function event(child: ChildProcess, name: string): Promise<Event> {
  return new Promise((found, fail) => {
    if (child.stdout === null) throw new TypeError('the child has no stdout');
    let said = '';
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => {
      const parsed = JSON.parse(line) as Event;
      if (parsed['event'] === name) found(parsed);
    });
    lines.once('close', () => fail(new Error(`no event ${name}: ${said}`)));
  });
}

export interface RunningAuthority {
  readonly dir: string;
  readonly url: string;
  readonly root: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it has said on stderr so far. */
  said(): string;
  stop(): Promise<Ended>;
}

/** `up` on a free port, when it serves. */
export async function startAuthority(
  dir: string,
  { config, ...surroundings }: Surroundings & { readonly config?: string } = {},
): Promise<RunningAuthority> {
  const settings = config === undefined ? [] : ['--config', config];
  const child = start(['up', '--dir', dir, '--listen', '127.0.0.1:0', '--json', ...settings], surroundings);
  let said = '';
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
  const end = ended(child);
  const ready = await event(child, 'ready');
  return {
    dir,
    url: String(ready['url']),
    root: String(ready['root']),
    pid: Number(ready['pid']),
    child,
    said: () => said,
    stop: () => {
      child.kill('SIGTERM');
      return end;
    },
  };
}

export interface Folder {
  readonly path: string;
  in(...names: string[]): string;
  remove(): Promise<void>;
}

export async function temporaryFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'countersign-'));
  return {
    path,
    in: (...names) => join(path, ...names),
    remove: () => rm(path, { recursive: true, force: true }),
  };
}

export interface Scene {
  readonly folder: Folder;
  readonly authority: RunningAuthority;
}

/** One authority in a temporary folder for all tests of the calling file, there from the first test to the last. */
export function sharedScene(): Scene {
  let scene: Scene | undefined;
  const present = (): Scene => {
    if (scene === undefined) throw new TypeError('the scene is there inside of tests only');
    return scene;
  };
  before(async () => {
    const folder = await temporaryFolder();
    scene = { folder, authority: await startAuthority(folder.in('state')) };
  });
  after(async () => {
    await scene?.authority.stop();
    await scene?.folder.remove();
  });
  return {
    get folder() {
      return present().folder;
    },
    get authority() {
      return present().authority;
    },
  };
}
