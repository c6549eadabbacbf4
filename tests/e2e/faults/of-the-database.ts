/** Faults of the database and of the disk beneath it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { cp, open, rename, rm, stat, statfs, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startAuthority, type RunningAuthority } from '../command.ts';
import { countersign } from '../here.ts';
import type { Fault } from './fault.ts';
import { type House, met, requireGoesOn, type Stopped, up } from './house.ts';
import type { Met } from './met.ts';

type Given = Omit<Fault, 'meet' | 'after' | 'typed' | 'status'> & {
  readonly breaks: (database: string) => Promise<void>;
};

/** A database that was damaged while nobody looked, after an end that was not clean: said so each time, until the files are put back. */
function damaged({ breaks, ...said }: Given): Fault {
  let [state, kept]: [Stopped | undefined, string] = [undefined, ''];
  return {
    ...said,
    typed: 'countersign up',
    status: 3,
    meet: async (house): Promise<Met> => {
      state = await house.stopped();
      await endBadly(state.dir);
      kept = `${state.dir}.kept`;
      await cp(state.dir, kept, { recursive: true, filter: (name) => !name.endsWith('.sock') });
      await breaks(join(state.dir, 'authority.db'));
      const first = await up(state.dir);
      const again = await up(state.dir);
      return again.code === first.code ? first : again;
    },
    after: async () => {
      if (state === undefined) return;
      await rm(state.dir, { recursive: true });
      await rename(kept, state.dir);
      await requireGoesOn(state);
    },
  };
}

/** Something is written, so that there is a log, and nobody closes it. */
async function endBadly(dir: string): Promise<void> {
  const authority = await startAuthority(dir);
  authority.child.kill('SIGKILL');
  await authority.stop();
}

export const faultsOfTheDatabase: readonly Fault[] = [
  damaged({
    name: 'half of the database is gone',
    code: 'CS-STORE-006',
    told: 'the file, and what is damaged',
    words: [/authority\.db/, /damage: /],
    remedy: /countersign authority restore/,
    breaks: async (database) => truncate(database, Math.floor((await stat(database)).size / 8192) * 4096),
  }),
  damaged({
    name: 'bytes of the database are flipped',
    code: 'CS-STORE-006',
    told: 'the file, and what is damaged',
    words: [/authority\.db/, /damage: /],
    remedy: /countersign authority restore/,
    breaks: async (database) => {
      const file = await open(database, 'r+');
      const { size } = await file.stat();
      // The head of each page but the first, where SQLite keeps what the page is.
      for (let at = 4096; at < size; at += 4096) await file.write(Uint8Array.of(0xff, 0x5a, 0xa5, 0xff), 0, 4, at);
      await file.close();
    },
  }),
  damaged({
    name: "the database's log was taken away",
    code: 'CS-STORE-007',
    told: 'the file that is missing',
    words: [/authority\.db-wal/],
    remedy: /Put the file back beside the database/,
    breaks: (database) => rm(`${database}-wal`),
  }),
  {
    name: 'the disk is full',
    typed: 'countersign token NAME',
    code: 'CS-STORE-004',
    status: 3,
    told: 'the file for which there is no room; when there is, the authority goes on by itself',
    words: [/authority\.db/],
    remedy: /Make room on the disk of that file/,
    skip: () =>
      process.platform === 'linux' && process.getuid?.() === 0
        ? undefined
        : 'only root on Linux can mount a small disk: a full one was not tried',
    ...fullDisk(),
  },
];

function fullDisk(): Pick<Fault, 'meet' | 'after'> {
  let [disk, authority]: [string, RunningAuthority | undefined] = ['', undefined];
  const token = async (): Promise<Met> =>
    met(await countersign(['token', 'web', '--dir', join(disk, 'state'), '--json']));
  return {
    meet: async (house: House): Promise<Met> => {
      disk = house.folder.in(house.fresh());
      mkdirSync(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m,mode=0700', 'countersign-test', disk], { stdio: 'pipe' });
      authority = await startAuthority(join(disk, 'state'));
      authority.child.stdout?.resume();
      const { bavail, bsize } = await statfs(disk);
      await writeFile(join(disk, 'ballast'), new Uint8Array(bavail * bsize)).catch(() => undefined);
      return token();
    },
    after: async () => {
      try {
        await rm(join(disk, 'ballast'), { force: true });
        for (let attempt = 0; attempt < 10 && (await token()).status !== 0; attempt++);
        const { status, text } = await token();
        if (status !== 0) throw new Error(`it does not go on: ${text}`);
      } finally {
        await authority?.stop();
        execFileSync('umount', ['-l', disk]);
      }
    },
  };
}
