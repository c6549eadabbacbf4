/** The authority's process under test: started, armed, killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { systemClock } from '../../../packages/countersign/src/ground/clock/index.ts';
import { type AdministeredAuthority, openLocalAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { compiledModules } from '../../fixtures/compiled-modules.ts';
import { reachedLine } from './steps.ts';

export interface Running {
  readonly child: ChildProcess;
  readonly lines: Interface;
  readonly url: string;
  readonly port: number;
  /** Where lists are handed out. */
  readonly published: string;
  readonly local: AdministeredAuthority;
  /** From the start of the process until it served. */
  readonly startMs: number;
}

export interface Place {
  readonly dir: string;
  readonly port: number;
  /** Where the digests of what it signs go. */
  readonly signedLog: string;
  /** Over and above this process's. */
  readonly env?: Readonly<Record<string, string>>;
}

function spawnChild({ dir, port, signedLog, env }: Place, ...fatal: readonly string[]): ChildProcess {
  const script = resolve(import.meta.dirname, 'authority-child.ts');
  const child = spawn(process.execPath, [script, dir, String(port), signedLog, ...fatal], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...compiledModules, ...env },
  });
  child.stdin?.on('error', () => undefined);
  return child;
}

export async function start(place: Place): Promise<Running> {
  const began = performance.now();
  const child = spawnChild(place);
  if (child.stdout === null) throw new TypeError('its output is a pipe');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the authority did not start'))),
  ])) as [string];
  const { url, port, published } = JSON.parse(line) as Pick<Running, 'url' | 'port' | 'published'>;
  const startMs = performance.now() - began;
  return { child, lines, url, port, published, local: openLocalAuthority(place.dir, systemClock), startMs };
}

/** Started, and killed before anybody knows whether it serves. */
export async function startAndKill(place: Place, afterMs: number): Promise<void> {
  const child = spawnChild(place);
  child.stdout?.resume();
  const gone = once(child, 'exit');
  setTimeout(() => child.kill('SIGKILL'), afterMs);
  await gone;
  assert.equal(child.signalCode, 'SIGKILL');
}

/** Started to die at a step before it serves; whether it did. */
export async function startAndDie(place: Place, step: string, count: number): Promise<boolean> {
  const child = spawnChild(place, step, String(count));
  if (child.stdout === null) throw new TypeError('its output is a pipe');
  const gone = once(child, 'close');
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), gone])) as [unknown];
  child.kill('SIGKILL');
  await gone;
  return line === reachedLine;
}

export async function arm({ child, lines }: Running, step: string, count: number): Promise<void> {
  const armed = once(lines, 'line');
  child.stdin?.write(`${step} ${String(count)}\n`);
  await armed;
}

/** Whether it ended by itself at its step before `limit` resolved; it is dead, by SIGKILL, in either case. */
export async function dead({ child, lines, local }: Running, limit: Promise<unknown>): Promise<boolean> {
  let own = false;
  lines.on('line', (line) => (own ||= line === reachedLine));
  const gone = new Promise<void>((resolve) => {
    if (child.stdout?.closed === true) resolve();
    else child.once('close', () => resolve());
  });
  await Promise.race([gone, limit]);
  child.kill('SIGKILL');
  await gone;
  await local.close();
  assert.equal(child.signalCode, 'SIGKILL', 'it ended otherwise than by being killed');
  return own;
}
