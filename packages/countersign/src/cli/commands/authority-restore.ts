/** `authority restore`: an authority out of its backup, in a life of its own. */
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { auditEvent } from '../../runtime/audit/index.ts';
import { readFailure, syncDirectory, systemCode, writeFailure } from '../../runtime/config/index.ts';
import { beginNewLife } from '../../store/sqlite/index.ts';
import { confirm } from '../ask.ts';
import { backupPassphrase } from '../backup/passphrase-option.ts';
import { type Unpacked, unpack } from '../backup/unpack.ts';
import type { Call } from '../call.ts';
import { stateDirectoryOf } from '../local-authority.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const [given = ''] = call.arguments;
  const file = resolve(world.workingDirectory, given);
  const { clock } = world;
  const dir = stateDirectoryOf(call);
  await requireEmpty(dir);
  const passphrase = await backupPassphrase(call, file);
  const beside = dirname(dir);
  await mkdir(beside, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw writeFailure(error, beside);
  });
  const progress = (text: string): void => output.progress(text);
  const unpacked = await unpack({ file, passphrase, target: dir, progress });
  try {
    const createdAt = toRfc3339(unpacked.manifest.createdAtMs);
    if (!options.on('yes'))
      await confirm(`restore the authority of ${unpacked.trustDomain} as of ${createdAt}?`, world);
    const nowMs = clock.now();
    const epoch = beginNewLife({
      file: unpacked.databaseFile,
      backupAtMs: unpacked.manifest.createdAtMs,
      nowMs,
      event: auditEvent('backup.restore', {
        atMs: nowMs,
        actor: { kind: 'local-user', name: userName(call) },
        facts: { backupAt: createdAt },
      }),
    });
    await unpacked.complete();
    await put(unpacked.dir, dir);
    output.say(restoredText(unpacked, dir, createdAt));
    const { certificates, revocations } = unpacked.database;
    const { trustDomain } = unpacked;
    output.result({ dir, trustDomain, createdAt, firstNumber: epoch.firstNumber, certificates, revocations });
    return 0;
  } finally {
    await unpacked.remove();
  }
}

async function requireEmpty(dir: string): Promise<void> {
  try {
    if (!(await lstat(dir)).isDirectory() || (await readdir(dir)).length > 0)
      throw new Refusal('CS-BACKUP-004', { dir });
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw readFailure(error, dir);
  }
}

/** rename(2) takes the place of an empty directory, and of nothing else. */
async function put(from: string, dir: string): Promise<void> {
  try {
    await rename(from, dir);
    await syncDirectory(dirname(dir)).catch(async (error: unknown) => {
      // What is refused is not there: it can be run again.
      await rename(dir, from);
      throw error;
    });
  } catch (error) {
    throw writeFailure(error, dir);
  }
}

function userName({ world }: Call): string {
  return world.env['USER'] ?? String(process.getuid?.() ?? 'not known');
}

function restoredText({ trustDomain, database }: Unpacked, dir: string, createdAt: string): string {
  return [
    ` restored: the authority of ${trustDomain} as of ${createdAt}, in ${dir}`,
    `   ${String(database.certificates)} certificates, ${String(database.revocations)} revocations`,
    '',
    ` What happened after ${createdAt} is not on record:`,
    '   revocations  endpoints that still run keep what they were told, and hand it back when',
    '                they meet this authority; what none of them holds any more is lost, so',
    '                REVOKE AGAIN whatever you revoked since then',
    '   certificates those issued since then are learned when they are renewed; one that',
    '                expired meanwhile needs a new token',
    '   tokens       those not used by then are void: make new ones; access tokens of before',
    '                are not active any more, and clients ask for new ones',
    ' The old authority must not run any more: endpoints that have met this one refuse it.',
  ].join('\n');
}
