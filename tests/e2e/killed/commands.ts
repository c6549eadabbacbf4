/** Backups of a dead authority made and restored by the command, which is killed at some operation on the disk, and run again. */
import assert from 'node:assert/strict';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBackup } from '../../../packages/countersign/src/runtime/backup/index.ts';
import type { HeldCredential } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import { countersign, type Ended } from '../command.ts';
import { failingDisk, noFailingDisk } from '../disk/failing-disk.ts';
import { openMortalAuthority } from './mortal-authority.ts';
import { requireWhole } from './promises.ts';

/** Moments of commands, not of the authority; without a compiler there are none. */
export const commandMoments: readonly string[] =
  noFailingDisk === undefined ? ['backup-writing', 'restore-writing'] : [];

/** More than either does to a disk, so that some are killed late, and some not at all. */
const mostOperations = 80;

const passphrase = 'a passphrase of a test';

/** @returns whether the command died of it */
export async function dieInCommand(
  moment: string,
  dir: string,
  acknowledged: readonly HeldCredential[],
): Promise<boolean> {
  const folder = `${dir}-backed-up`;
  const [file, place] = [join(folder, 'authority.backup'), join(folder, 'restored')];
  await mkdir(folder, { mode: 0o700 });
  try {
    const backup = ['authority', 'backup', '--dir', dir, '--out', file, '--json'];
    const restore = ['authority', 'restore', file, '--dir', place, '--yes', '--json'];
    if (moment === 'backup-writing') {
      const died = await killed(backup, folder, dir, folder);
      await again(backup, 'CS-BACKUP-006');
      await requireBackedUp(file, folder, acknowledged);
      return died;
    }
    await again(backup);
    const died = await killed(restore, folder, folder);
    await again(restore, 'CS-BACKUP-004');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('restored')),
      ['restored'],
    );
    requireWhole(join(place, 'authority.db'), acknowledged);
    await (await openMortalAuthority({ dir: place, port: 0 })).close();
    return died;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ask(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return countersign(args, { env: { COUNTERSIGN_BACKUP_PASSPHRASE: passphrase, ...env } });
}

async function killed(args: readonly string[], folder: string, ...under: readonly string[]): Promise<boolean> {
  const disk = failingDisk(folder, ...under);
  const at = 1 + Math.floor(Math.random() * mostOperations);
  disk.arm({ at, act: Math.random() < 0.5 ? 'die' : 'die-half' });
  const { signal, status, err } = await ask(args, disk.env);
  assert.ok(signal === 'SIGKILL' || status === 0, err);
  return signal === 'SIGKILL';
}

/** @param there how it is refused where the one that was killed had come to its end */
async function again(args: readonly string[], there?: string): Promise<void> {
  const { status, result, err } = await ask(args);
  assert.ok(status === 0 || (there !== undefined && result['code'] === there), err);
}

async function requireBackedUp(file: string, folder: string, acknowledged: readonly HeldCredential[]): Promise<void> {
  const parts: Uint8Array[] = [];
  await readBackup({
    file,
    passphrase,
    sink: async ({ path }) => ({
      write: async (bytes) => {
        if (path === 'authority.db') parts.push(bytes.slice());
      },
      end: async () => undefined,
    }),
  });
  const database = join(folder, 'unpacked.db');
  await writeFile(database, Buffer.concat(parts));
  requireWhole(database, acknowledged);
}
