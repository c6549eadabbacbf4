/** A folder for keys that lives as long as the work: readable by this user alone, in memory where the system has such a place. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFailure } from '../../runtime/config/index.ts';

/** mkdtemp makes it 0700 whatever the umask (POSIX). It is gone when this resolves, also after a failure. */
export async function withPrivateFolder<T>(
  env: Readonly<Record<string, string | undefined>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await makeFolder(env['XDG_RUNTIME_DIR']);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** XDG_RUNTIME_DIR is the user's own and in memory (XDG Base Directory 0.8), but may be set and gone (su, cron). */
async function makeFolder(runtimeDirectory: string | undefined): Promise<string> {
  if (runtimeDirectory?.startsWith('/') === true) {
    const folder = await mkdtemp(join(runtimeDirectory, 'countersign-run-')).catch(() => undefined);
    if (folder !== undefined) return folder;
  }
  const place = join(tmpdir(), 'countersign-run-');
  return mkdtemp(place).catch((error: unknown) => {
    throw writeFailure(error, place);
  });
}
