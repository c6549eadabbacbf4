/** A command that writes, done with the disk failing or the process ending at each of its steps: what holds then, and that it can be done again. */
import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entryOf, type RefusalCode } from '../../../packages/countersign/src/ground/errors/index.ts';
import { type Ended, ended, event, start } from '../command.ts';
import { countersign } from '../here.ts';
import { type Act, type FailingDisk, failingDisk, type Hit, type Operation } from './failing-disk.ts';

/** What is tried: everything is in a folder of its own. */
export interface Trial {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Directories in which what happens counts. */
  readonly under: readonly string[];
  /** Where it serves until it is told to end. */
  readonly serves?: boolean;
  /** After it was cut off or refused: what must hold however far it came. `done` where it said that it was. */
  requireSound(outcome: 'cut off' | 'refused' | 'done'): Promise<void>;
  /** After it was run once more, undisturbed. */
  requireDone(again: Ended): Promise<void>;
}

export interface Errand {
  readonly name: string;
  prepare(folder: string): Promise<Trial>;
  /** Steps for which no time is taken in the short run. */
  readonly long?: (step: Step) => boolean;
}

export interface Step {
  /** As a person would call it: `write authority.db`. */
  readonly name: string;
  readonly at: number;
}

/** All steps, which takes some minutes: `npm run disk`. */
export const all: boolean = process.env['COUNTERSIGN_DISK'] === 'all';

/** Of each command, in the short run: some of its steps, from the first to the last. */
const mostInShort = 3;

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'countersign-')));
  try {
    const answer = await work(folder);
    await rm(folder, { recursive: true, force: true });
    return answer;
  } catch (error) {
    throw new Error(`left as it is: ${folder}`, { cause: error });
  }
}

function ask({ args, env, serves }: Trial, disk: FailingDisk): Promise<Ended> {
  const child = start(args, { env: { ...env, ...disk.env } });
  if (serves === true)
    event(child, 'ready').then(
      () => child.kill('SIGTERM'),
      () => undefined,
    );
  return ended(child);
}

/** With nothing in its way. */
function askAgain({ args, env }: Trial): Promise<Ended> {
  return countersign(args, { env });
}

const found = new Map<Errand, Promise<Step[]>>();

/** Done once without a fault, to see what its steps are; COUNTERSIGN_DISK_STEP=PATTERN has those alone that fit. */
export function stepsOf(errand: Errand): Promise<Step[]> {
  const steps = found.get(errand) ?? findSteps(errand);
  found.set(errand, steps);
  return steps;
}

function findSteps(errand: Errand): Promise<Step[]> {
  return inFolder(async (folder) => {
    const trial = await errand.prepare(folder);
    const disk = failingDisk(folder, ...trial.under);
    const { status, err } = await ask(trial, disk);
    assert.equal(status, 0, err);
    const steps = distinct(disk.operations());
    assert.ok(steps.length > 20, 'steps are seen');
    const only = new RegExp(process.env['COUNTERSIGN_DISK_STEP'] ?? '');
    const wanted = steps.filter((step) => (all || errand.long?.(step) !== true) && only.test(step.name));
    const every = all ? 1 : Math.ceil(wanted.length / mostInShort);
    return wanted.filter((_, index) => index % every === 0 || index === wanted.length - 1);
  });
}

/** Of a run of equal ones the first and the last. */
function distinct(operations: readonly Operation[]): Step[] {
  const steps = operations.map(({ what, path }, index) => ({ name: `${what} ${callName(path)}`, at: index + 1 }));
  return steps.filter(({ name }, index) => name !== steps[index - 1]?.name || name !== steps[index + 1]?.name);
}

/** Without what is another each time. */
function callName(path: string): string {
  return path
    .split('/')
    .slice(3)
    .join('/')
    .replaceAll(/\.unfinished-\d+-[0-9a-f]{16}/g, '.unfinished')
    .replaceAll(/[0-9a-f]{16}/g, '*');
}

/** @throws where the process did not end at it */
export function killedAt(errand: Errand, { at, name }: Step, act: Extract<Act, 'die' | 'die-half'>): Promise<void> {
  return inFolder(async (folder) => {
    const trial = await errand.prepare(folder);
    const disk = failingDisk(folder, ...trial.under);
    disk.arm({ at, act });
    const { signal, err } = await ask(trial, disk);
    assert.equal(signal, 'SIGKILL', `${name}: ${err}`);
    await trial.requireSound('cut off');
    await trial.requireDone(await askAgain(trial));
  });
}

/** Refused with its cause and its remedy; where the fault was in nobody's way, it is done. */
export function failedAt(
  errand: Errand,
  { at, name }: Step,
  hit: Pick<Hit, 'error'> & { readonly act: Extract<Act, 'fail-once' | 'fail-on'> },
): Promise<string> {
  return inFolder(async (folder) => {
    const trial = await errand.prepare(folder);
    const disk = failingDisk(folder, ...trial.under);
    disk.arm({ ...hit, at });
    const ended = await ask(trial, disk);
    const code = requireSaid(name, ended);
    await trial.requireSound(ended.status === 0 ? 'done' : 'refused');
    if (ended.status !== 0) await trial.requireDone(await askAgain(trial));
    return code;
  });
}

const expected = /^CS-(?:STORE-00[45]|FILE-004)$/;

function requireSaid(name: string, { status, signal, err, result }: Ended): string {
  assert.equal(signal, null, name);
  if (status === 0) return 'done';
  const code = String(result['code']);
  assert.match(code, expected, `${name}: ${err}`);
  assert.ok(err.replaceAll(/\s+/g, ' ').includes(entryOf(code as RefusalCode).remedy), `${name}: ${err}`);
  return code;
}
