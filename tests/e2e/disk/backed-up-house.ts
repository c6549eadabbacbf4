/** An authority that issued, revoked and ended, and its backup: where backups are made and restored while the disk fails. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { KeyPassphrases } from '../../../packages/countersign/src/issuing/server/index.ts';
import { openLocalAuthority } from '../../../packages/countersign/src/runtime/api/index.ts';
import { readBackup } from '../../../packages/countersign/src/runtime/backup/index.ts';
import { generatePrivateKey } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import type { Ended } from '../command.ts';
import { countersign } from '../here.ts';
import { openMortalAuthority } from '../killed/mortal-authority.ts';
import { everything } from '../killed/promises.ts';
import type { Errand } from './errand.ts';

const passphrase = 'a passphrase of a test';
const env = { COUNTERSIGN_BACKUP_PASSPHRASE: passphrase };

export interface BackedUpHouse {
  readonly state: string;
  readonly backup: string;
  readonly valid: string;
  readonly revoked: string;
}

export async function backedUpHouse(folder: string): Promise<BackedUpHouse> {
  const [state, backup] = [join(folder, 'state'), join(folder, 'kept.backup')];
  const server = await openMortalAuthority({ dir: state, port: 0 });
  const local = openLocalAuthority(state);
  const issued = async (name: string): Promise<string> => {
    const { token } = await local.createToken({ names: [name], lifeSeconds: 3600 });
    return (await enroll({ token, privateKey: generatePrivateKey('P-256') })).leaf.serialNumber;
  };
  try {
    const [valid, revoked] = [await issued('steady'), await issued('victim')];
    await local.revoke({ name: 'victim' });
    await server.close();
    const made = await countersign(['authority', 'backup', '--dir', state, '--out', backup, '--json'], { env });
    assert.equal(made.status, 0, made.err);
    return { state, backup, valid, revoked };
  } finally {
    await local.close();
    await server.close().catch(() => undefined);
  }
}

/** It serves, and what it issued and revoked is on record. */
export async function requireServes(
  dir: string,
  { valid, revoked }: BackedUpHouse,
  passphrases?: KeyPassphrases,
): Promise<void> {
  const server = await openMortalAuthority({ dir, port: 0, ...(passphrases === undefined ? {} : { passphrases }) });
  const local = openLocalAuthority(dir);
  try {
    const listed = await everything(local);
    const status = (serial: string): string | undefined => listed.find((found) => found.serial === serial)?.status;
    assert.deepEqual([status(valid), status(revoked)], ['valid', 'revoked']);
  } finally {
    await local.close();
    await server.close();
  }
  assert.deepEqual(
    (await readdir(dir)).filter((name) => name.startsWith('.')),
    [],
  );
}

const digest = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

/** `authority backup` of a state directory from which nobody serves, into a folder with an earlier backup. */
export function backingUp(house: () => BackedUpHouse): Errand {
  return {
    name: 'authority backup',
    long: ({ name }) => name.includes('/.snapshot') && !name.startsWith('fsync'),
    prepare: async (folder) => {
      const [state, out] = [join(folder, 'state'), join(folder, 'out')];
      const [old, made] = [join(out, 'old.backup'), join(out, 'new.backup')];
      await cp(house().state, state, { recursive: true });
      await mkdir(out);
      await cp(house().backup, old);
      const before = await digest(old);
      const requireWhole = async (): Promise<void> => {
        const { files } = await readBackup({ file: made, passphrase });
        assert.ok(files.some(({ path }) => path === 'authority.db'));
      };
      return {
        args: ['authority', 'backup', '--dir', state, '--out', made, '--json'],
        env,
        under: [state, out],
        requireSound: async (outcome) => {
          assert.equal(await digest(old), before, 'the earlier backup is as it was');
          const names = (await readdir(out)).filter((name) => name !== 'old.backup');
          const whole = names.includes('new.backup');
          if (whole) await requireWhole();
          assert.ok(whole === (outcome === 'done') || outcome === 'cut off', `${outcome}: ${names.join(' ')}`);
          const half = names.filter((name) => name !== 'new.backup');
          if (outcome !== 'cut off') assert.deepEqual(half, [], 'nothing half written is left');
          for (const name of half) assert.match(name, /^new\.backup\.unfinished-\d+-[0-9a-f]{16}$/);
          await requireServes(state, house());
        },
        requireDone: async (again) => {
          if (again.status !== 0) requireThere(again, 'CS-BACKUP-006');
          await requireWhole();
          // One that came whole before is not written again, and what was beside it goes with the next that is.
          if (again.status === 0) assert.deepEqual((await readdir(out)).sort(), ['new.backup', 'old.backup']);
          assert.equal(await digest(old), before);
        },
      };
    },
  };
}

/** `authority restore` into a directory that does not exist. */
export function restoring(house: () => BackedUpHouse): Errand {
  return {
    name: 'authority restore',
    long: ({ name }) => /(?:issuer|root)\.(?:key\.)?pem|mkdir/.test(name),
    prepare: async (folder) => {
      const beside = join(folder, 'restored');
      const dir = join(beside, 'state');
      await mkdir(beside);
      return {
        args: ['authority', 'restore', house().backup, '--dir', dir, '--yes', '--json'],
        env,
        under: [beside],
        requireSound: async (outcome) => {
          const names = await readdir(beside);
          const whole = names.includes('state');
          assert.ok(whole === (outcome === 'done') || outcome === 'cut off', `${outcome}: ${names.join(' ')}`);
          const half = names.filter((name) => name !== 'state');
          if (outcome !== 'cut off') assert.deepEqual(half, [], 'nothing half restored is left');
          for (const name of half) await requireNoAuthority(join(beside, name));
          if (outcome === 'done') await requireRestored(dir, house());
        },
        requireDone: async (again) => {
          if (again.status !== 0) requireThere(again, 'CS-BACKUP-004');
          assert.deepEqual(await readdir(beside), ['state']);
          await requireRestored(dir, house());
        },
      };
    },
  };
}

/** It serves, in its new life. */
async function requireRestored(dir: string, house: BackedUpHouse): Promise<void> {
  const database = new DatabaseSync(join(dir, 'authority.db'), { readOnly: true });
  assert.equal(database.prepare('SELECT count(*) AS lives FROM epoch').get()?.['lives'], 1);
  database.close();
  await requireServes(dir, house);
}

/** Its name says that it is not finished, and nobody serves from it unless all of it was done but its name. */
async function requireNoAuthority(half: string): Promise<void> {
  assert.match(half, /\/state\.unfinished-\d+-[0-9a-f]{16}$/);
  const names = await readdir(half);
  if (names.includes('authority.db')) assert.ok(!names.some((name) => name.startsWith('authority.db.restoring')));
  // An empty folder of keys is none: there is nothing of the old authority in it.
  else if ((await readdir(join(half, 'authority')).catch(() => [])).length > 0)
    await assert.rejects(openMortalAuthority({ dir: half, port: 0 }), { code: /^CS-/ }, names.join(' '));
}

function requireThere({ result, err }: Ended, code: string): void {
  assert.equal(result['code'], code, err);
}
