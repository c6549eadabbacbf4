/** Every step at which the authority is ended: between what it writes, signs and answers, and between the statements and the commit of its database. */
import { writeSync } from 'node:fs';

/** Steps that the server itself names (`onStep`), in its main thread. */
const named = ['intent-recorded', 'signed', 'stored', 'revocation-recorded', 'revocation-told'] as const;

/** Printed, whole, before the process ends itself. */
export const reachedLine = 'reached';

/** What a transaction may have written when it is cut off; the statement that shows it. */
export const writes: Readonly<Record<string, RegExp>> = {
  token: /INTO token\b/i,
  claim: /UPDATE token\b/i,
  intent: /INTO intent\b/i,
  certificate: /INTO certificate\b/i,
  revocation: /INTO revocation\b/i,
  endpoint: /INTO endpoint\b/i,
  migration: /INTO migration\b/i,
};

/** `written`: the statements have run, nothing is committed. `committed`: it is on disk, and nobody has been told. */
export const phases = ['written', 'committed'] as const;

const inTheDatabase = Object.keys(writes).flatMap((what) => phases.map((phase) => `${what}-${phase}`));

export const steps: readonly string[] = [...named, ...inTheDatabase];

/** Shared with the thread of the database: which step is fatal (its index, -1 for none), and how often it is passed before it kills. */
export interface Fuse {
  readonly memory: SharedArrayBuffer;
  arm(step: string, count: number): void;
  /** Ends this process, with SIGKILL, where this is the step and the time. */
  pass(step: string): void;
}

export function fuse(memory: SharedArrayBuffer = new SharedArrayBuffer(8)): Fuse {
  const cells = new Int32Array(memory);
  return {
    memory,
    arm: (step, count) => {
      const index = steps.indexOf(step);
      if (index === -1) throw new TypeError(`no step ${step}`);
      Atomics.store(cells, 1, count);
      // Index 0 is no step, so that memory that is new kills nobody.
      Atomics.store(cells, 0, index + 1);
    },
    pass: (step) => {
      if (Atomics.load(cells, 0) !== steps.indexOf(step) + 1 || Atomics.load(cells, 0) === 0) return;
      if (Atomics.sub(cells, 1, 1) !== 1) return;
      writeSync(1, `${reachedLine}\n`);
      process.kill(process.pid, 'SIGKILL');
    },
  };
}
