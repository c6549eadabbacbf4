/** A backup, unpacked into a directory of its own and looked through: contents, database, keys. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { Refusal } from '../../ground/errors/index.ts';
import { checkAuthorityDirectory } from '../../issuing/server/index.ts';
import { type BackupManifest, type FileSink, readBackup } from '../../runtime/backup/index.ts';
import { removeUnfinished, syncDirectory, unfinishedName, writeFailure } from '../../runtime/config/index.ts';
import { checkDatabase, type DatabaseFacts } from '../../store/sqlite/index.ts';
import { databaseName } from './files-to-back-up.ts';

export interface Unpacked {
  readonly dir: string;
  /** The database, under a name under which no authority serves from it. */
  readonly databaseFile: string;
  readonly manifest: BackupManifest;
  readonly database: DatabaseFacts;
  readonly trustDomain: string;
  /** Gives the database its name: from then on it is a whole state directory. */
  complete(): Promise<void>;
  remove(): Promise<void>;
}

export interface UnpackOrder {
  readonly file: string;
  readonly passphrase: string;
  /** The directory is made beside it, under a name that says that it is not finished. */
  readonly target: string;
  readonly progress: (text: string) => void;
}

/** Everything is verified when this resolves; where it rejects nothing is left. */
export async function unpack({ file, passphrase, target, progress }: UnpackOrder): Promise<Unpacked> {
  await removeUnfinished(target);
  const dir = unfinishedName(target);
  await mkdir(dir, { mode: 0o700 }).catch((error: unknown) => {
    throw writeFailure(error, dir);
  });
  const databaseFile = join(dir, `${databaseName}.restoring`);
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const manifest = await readBackup({
      file,
      passphrase,
      sink: (described) => sinkInto(described.path === databaseName ? databaseFile : join(dir, described.path)),
      progress: (done, of) => progress(`reading ${String(Math.floor((done / of) * 100))} %`),
    });
    if (!manifest.files.some(({ path }) => path === databaseName))
      throw new Refusal('CS-BACKUP-005', { file, rule: 'a database' });
    progress('checking the database');
    const database = checkDatabase(databaseFile);
    const { trustDomain } = await checkAuthorityDirectory(dir, database.ledgerId);
    await syncDirectory(dir).catch((error: unknown) => {
      throw writeFailure(error, dir);
    });
    const complete = (): Promise<void> => nameDatabase(databaseFile, join(dir, databaseName));
    return { dir, databaseFile, manifest, database, trustDomain, complete, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** After a crash there is a directory with a database under its name, or one from which nobody serves. */
async function nameDatabase(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
    await syncDirectory(dirname(to));
  } catch (error) {
    throw writeFailure(error, to);
  }
}

/** For its owner alone, as everything in a state directory. What fails is told of the file that was being written, not of the backup. */
async function sinkInto(target: string): Promise<FileSink> {
  const failed = (error: unknown): never => {
    throw writeFailure(error, target);
  };
  await mkdir(dirname(target), { recursive: true, mode: 0o700 }).catch(failed);
  const handle = await open(target, 'wx', 0o600).catch(failed);
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      await handle.close().catch(() => undefined);
      failed(error);
    }
  };
  return {
    write: (bytes) => attempt(() => handle.writeFile(bytes)),
    end: () =>
      attempt(async () => {
        await handle.sync();
        await handle.close();
        await syncDirectory(dirname(target));
      }),
  };
}
