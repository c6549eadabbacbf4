/** Starts the process of a front under Node's permission model, and speaks with it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FromFront, ToFront } from './front-messages.ts';

/** This file is TypeScript in the sources and JavaScript in the package, and so is the other process's. */
const frontFile = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './front-process.ts' : './front-process.js', import.meta.url),
);

export interface FrontChild {
  readonly pid: number | undefined;
  say(message: ToFront): void;
  /** Resolves when the process has ended. */
  end(): Promise<void>;
}

/** How long a front may take to end in good order: its grace and its farewell to the authority. */
const longestEndMs = 2_500;

export interface FrontBirth {
  readonly onMessage: (message: FromFront) => void;
  readonly onExit: () => void;
  /** Absolute paths of files that it reads as they are replaced: revocation lists. */
  readonly files: readonly string[];
}

export function startFrontChild({ onMessage, onExit, files }: FrontBirth): FrontChild {
  const child = spawn(process.execPath, [...confinement(files), frontFile], {
    // Nothing of the environment: no option of Node, no proxy, no secret reaches it.
    env: {},
    cwd: '/',
    // What it might print would be a fault of ours; stdin and stdout are the program's.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.on('message', (message) => onMessage(message as FromFront));
  child.on('error', () => undefined);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      onExit();
      resolve();
    });
    child.once('error', () => resolve());
  });
  return {
    pid: child.pid,
    say: (message) => {
      if (child.connected) child.send(message, () => undefined);
    },
    end: () => endOf(child, exited),
  };
}

function endOf(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return exited;
  if (child.connected) child.disconnect();
  const timeout = AbortSignal.timeout(longestEndMs);
  timeout.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  return exited;
}

/**
 * No file beyond the program's own code and revocation lists, no other process, no worker, no addon, no inspector. Where Node can withhold the network it
 * must be given here (26); it confines neither node:sqlite nor Unix sockets, of which this process opens none.
 */
export function confinement(
  files: readonly string[] = [],
  options: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): readonly string[] {
  return [
    '--permission',
    ...[...readable(), ...files].map((path) => `--allow-fs-read=${path}`),
    ...(options.has('--allow-net') ? ['--allow-net'] : []),
    '--disable-sigusr1',
    // Of --allow-net, which is experimental.
    '--disable-warning=ExperimentalWarning',
  ];
}

/** The package, and the folders in which Node looks for what it imports. */
function readable(): readonly string[] {
  const folders: string[] = [];
  let at = dirname(realpathSync(frontFile));
  while (!existsSync(join(at, 'package.json'))) at = dirname(at);
  folders.push(at);
  while (at !== dirname(at)) {
    at = dirname(at);
    const modules = join(at, 'node_modules');
    if (existsSync(modules)) folders.push(modules);
  }
  return folders;
}
