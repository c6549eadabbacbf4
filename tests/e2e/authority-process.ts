/** An authority in a process of its own, as `countersign up` runs it; and the patience that end-to-end tests need. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { sleep, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { openLocalAuthority, type AdministeredAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { compiledModules } from '../fixtures/compiled-modules.ts';

const main = resolve(import.meta.dirname, '../../packages/countersign/src/cli/main.ts');

export interface AuthorityProcess {
  readonly url: string;
  /** SHA-256 of the root, hexadecimal. */
  readonly root: string;
  readonly dir: string;
  readonly port: number;
  readonly local: AdministeredAuthority;
  /** A token for `names`; its life an hour and the certificate's a day where nothing else is said. */
  token(names: string[], life?: { lifeSeconds?: number; certificateLifeSeconds?: number }): Promise<string>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface AuthorityPlace {
  /** An existing state directory; default a new one. */
  readonly dir?: string;
  /** Default any free one. */
  readonly port?: number;
}

export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function startAuthority(
  t: TestContext,
  { dir, port = 0 }: AuthorityPlace = {},
): Promise<AuthorityProcess> {
  const folder = dir ?? (await temporaryFolder(t));
  const listen = `127.0.0.1:${port}`;
  const child = spawn(process.execPath, [main, 'up', '--dir', folder, '--listen', listen, '--json'], {
    env: { PATH: process.env['PATH'], HOME: folder, ...compiledModules },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => ended(child, signal);
  t.after(() => stop());
  const { url, root } = await readyLine(child);
  const local = openLocalAuthority(folder);
  t.after(() => local.close());
  return {
    url,
    root,
    dir: folder,
    port: Number(new URL(url).port),
    local,
    token: async (names, life = {}) => (await local.createToken({ names, lifeSeconds: 3600, ...life })).token,
    stop,
  };
}

async function readyLine(child: ChildProcess): Promise<{ url: string; root: string }> {
  if (child.stdout === null) throw new TypeError('its output is a pipe');
  const lines = createInterface(child.stdout);
  for await (const line of lines) {
    const event = JSON.parse(line) as { event: string; url: string; root: string };
    if (event.event === 'ready') return event;
  }
  throw new Error('the authority ended before it was ready');
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

export const second = 1000;

export function wait(ms: number): Promise<void> {
  return sleep(systemClock, ms);
}

/** Waits until `holds` does, and fails after `limitMs`. */
export async function until(what: string, holds: () => boolean, limitMs: number = 20 * second): Promise<void> {
  const end = systemClock.monotonic() + limitMs;
  while (!holds()) {
    if (systemClock.monotonic() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await wait(20);
  }
}
