/** The others: programs of other people, called as a person would, and skipped aloud where they are not installed. */
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const versionArguments: Readonly<Record<string, readonly string[]>> = {
  curl: ['--version'],
  openssl: ['version'],
  go: ['version'],
  keytool: ['-help'],
  javac: ['-version'],
  python3: ['--version'],
};

/** For `test`'s `skip`: why a program is missing, or `false`. On CI a missing one is a failure, as a test that is skipped shows nothing. */
export function missing(program: 'curl' | 'openssl' | 'go' | 'keytool' | 'javac' | 'python3'): string | false {
  if (spawnSync(program, versionArguments[program]).status === 0) return false;
  const reason = `${program} is not installed: nothing was shown of how it gets on with our endpoints`;
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw new Error(reason);
  process.stderr.write(`SKIPPED: ${reason}\n`);
  return reason;
}

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** No program may take longer. */
const longestMs = 20_000;

export async function run(
  program: string,
  args: readonly string[],
  input: string | Uint8Array = '',
  more: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const child = spawn(program, args, { stdio: 'pipe', timeout: longestMs, env: { ...environment(), ...more } });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [out, err, status] = await Promise.all([textOf(child.stdout), textOf(child.stderr), exitOf(child)]);
  return { status, out, err };
}

/** Without what would change how these programs trust: SSL_CERT_FILE, OPENSSL_CONF, a .curlrc of the home. */
export function environment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    GOFLAGS: '',
    GOTOOLCHAIN: 'local',
    GO111MODULE: 'off',
  };
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const piece of stream.setEncoding('utf8')) text += piece as string;
  return text;
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/** Builds the Go peer into `folder`; returns the program's path. */
export function buildGoPeer(folder: string): string {
  const program = join(folder, 'peer');
  execFileSync('go', ['build', '-o', program, join(import.meta.dirname, 'peers/go/main.go')], { env: environment() });
  return program;
}

export interface RunningPeer {
  readonly port: number;
  /** All that it has said. */
  said(): string;
  /** Waits until it has said something that matches. */
  heard(pattern: RegExp): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a server that says its port in a line that `port` captures. */
export async function startPeer(program: string, args: readonly string[], port: RegExp): Promise<RunningPeer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment() });
  const exit = exitOf(child);
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      for (const listener of listeners) listener();
    });
  }
  const heard = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${program} did not say ${String(pattern)}: ${text}`)),
        longestMs,
      );
      const look = (): void => {
        if (!pattern.test(text)) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exit;
  };
  try {
    await heard(port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port: Number(port.exec(text)?.[1]), said: () => text, heard, stop };
}
