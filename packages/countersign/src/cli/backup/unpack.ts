/** A backup, unpacked into a directory of its own and looked through: contents, database, keys. */
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { Refusal } from '../../ground/errors/index.ts';
import { checkAuthorityDirectory } from '../../issuing/server/index.ts';
import { type BackedUpFile, type BackupManifest, type FileSink, readBackup } from '../../runtime/backup/index.ts';
import { syncDirectory, writeFailure } from '../../runtime/config/index.ts';
import { checkDatabase, type DatabaseFacts } from '../../store/sqlite/index.ts';
import { databaseName } from './files-to-back-up.ts';

export interface Unpacked {
  readonly dir: string;
  readonly manifest: BackupManifest;
  readonly database: DatabaseFacts;
  readonly trustDomain: string;
  remove(): Promise<void>;
}

export interface UnpackOrder {
  readonly file: string;
  readonly passphrase: string;
  /** The directory is made in it. */
  readonly beside: string;
  readonly progress: (text: string) => void;
}

/** Everything is verified when this resolves; where it rejects nothing is left. */
export async function unpack({ file, passphrase, beside, progress }: UnpackOrder): Promise<Unpacked> {
  const dir = await mkdtemp(join(beside, '.countersign-restore-')).catch((error: unknown) => {
    throw writeFailure(error, beside);
  });
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  try {
    const manifest = await readBackup({
      file,
      passphrase,
      sink: (described) => sinkIn(dir, described),
      progress: (done, of) => progress(`reading ${String(Math.floor((done / of) * 100))} %`),
    });
    if (!manifest.files.some(({ path }) => path === databaseName))
      throw new Refusal('CS-BACKUP-005', { file, rule: 'a database' });
    progress('checking the database');
    const database = checkDatabase(join(dir, databaseName));
    const { trustDomain } = await checkAuthorityDirectory(dir, database.ledgerId);
    await syncDirectory(dir);
    return { dir, manifest, database, trustDomain, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** For its owner alone, as everything in a state directory. */
async function sinkIn(dir: string, { path }: BackedUpFile): Promise<FileSink> {
  const target = join(dir, path);
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    const handle = await open(target, 'wx', 0o600);
    return {
      write: async (bytes) => handle.writeFile(bytes),
      end: async () => {
        await handle.sync();
        await handle.close();
        await syncDirectory(dirname(target));
      },
    };
  } catch (error) {
    throw writeFailure(error, target);
  }
}
