/** A disk under a process, as the test wants it: it counts what is done to it, and at a chosen operation fails or ends the process. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const source = resolve(import.meta.dirname, 'failing-disk.c');

/** Why there is none here, if so; whoever needs one is then skipped, and says so. */
export const noFailingDisk: string | undefined = await build().then(
  () => undefined,
  (error: unknown) => `no failing disk could be made (it needs Linux and cc): nothing was tried. ${firstLine(error)}`,
);

/** What comes to pass at the operation that is hit; `half` has a write done by half, and anything else whole, before the process ends. */
export type Act = 'die' | 'die-half' | 'fail-once' | 'fail-on';

/** As in failing-disk.c. */
const acts: Readonly<Record<Act, number>> = { die: 1, 'die-half': 2, 'fail-once': 3, 'fail-on': 4 };
const kinds = { write: 1, sync: 2, name: 4, remove: 8 } as const;

export type OperationKind = keyof typeof kinds;

const everyKind: readonly OperationKind[] = ['write', 'sync', 'name', 'remove'];

export interface Hit {
  /** From 1, counted from when it is armed. */
  readonly at: number;
  readonly act: Act;
  readonly error?: 'EIO' | 'ENOSPC';
  /** What is counted; default all: writes, syncs, what makes or moves names, and what removes them. */
  readonly of?: readonly OperationKind[];
}

export interface Operation {
  readonly what: string;
  readonly path: string;
}

export interface FailingDisk {
  /** For the process that is to have it. */
  readonly env: Readonly<Record<string, string>>;
  /** Counts anew; with no hit it only counts. */
  arm(hit?: Partial<Hit>): void;
  disarm(): void;
  /** How often it struck. */
  hits(): number;
  /** What was done since it was armed. */
  operations(): Operation[];
}

/** @param folder for its own files @param under directories, as they are called without symbolic links */
export function failingDisk(folder: string, ...under: readonly string[]): FailingDisk {
  const [board, journal] = [join(folder, 'disk-board'), join(folder, 'disk-journal')];
  const set = (hit?: Partial<Hit>): void => {
    const number = hit?.error === undefined ? 0 : constants.errno[hit.error];
    const counted = (hit?.of ?? everyKind).reduce((mask, kind) => mask | kinds[kind], 0);
    const cells = Int32Array.of(0, hit?.at ?? 0, hit?.act === undefined ? 0 : acts[hit.act], number, counted, 0);
    const file = openSync(board, existsSync(board) ? 'r+' : 'wx');
    writeSync(file, new Uint8Array(cells.buffer), 0, cells.byteLength, 0);
    closeSync(file);
  };
  const arm = (hit?: Partial<Hit>): void => {
    writeFileSync(journal, '');
    set(hit);
  };
  arm();
  return {
    env: { LD_PRELOAD: library(), DISK_BOARD: board, DISK_JOURNAL: journal, DISK_UNDER: under.join(':') },
    arm,
    disarm: () => set(),
    hits: () => {
      const cells = new Int32Array(6);
      const file = openSync(board, 'r');
      readSync(file, new Uint8Array(cells.buffer), 0, cells.byteLength, 0);
      closeSync(file);
      return cells[5] ?? 0;
    },
    operations: () =>
      readFileSync(journal, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const [, what = '', path = ''] = /^\d+ (\S+) (.*)$/.exec(line) ?? [];
          return { what, path };
        }),
  };
}

/** Under the digest of what it was made from, so that it is made once. */
function library(): string {
  const digest = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  return join(tmpdir(), `countersign-failing-disk-${String(process.getuid?.() ?? 0)}-${digest}.so`);
}

async function build(): Promise<void> {
  if (process.platform !== 'linux') throw new Error(process.platform);
  const made = library();
  if (existsSync(made)) return;
  const own = `${made}.${String(process.pid)}`;
  await promisify(execFile)('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-o', own, source, '-ldl']);
  renameSync(own, made);
}

function firstLine(error: unknown): string {
  return String(error).split('\n')[0] ?? '';
}
