/** Names for what is being written and is not whole yet: they say so, and who writes it, so that what a killed process left is cleared away by the next one. */
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { toHex } from '../../ground/encoding/index.ts';
import { randomBytes } from '../cryptography/index.ts';
import { systemCode } from './file-failure.ts';

/** Beside `target`, which it is to become: `authority.backup.unfinished-4711-0123456789abcdef`. */
export function unfinishedName(target: string): string {
  return `${target}.unfinished-${String(process.pid)}-${toHex(randomBytes(8))}`;
}

/** Of this target, and of processes that are no more. What cannot be removed is in nobody's way. */
export async function removeUnfinished(target: string): Promise<void> {
  const folder = dirname(target);
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = writerOf(name, basename(target));
    if (pid === undefined || isOther(pid)) continue;
    try {
      // Whoever wrote it after all can no longer put it in its place half removed: its name is gone in one step.
      const claimed = unfinishedName(target);
      await rename(join(folder, name), claimed);
      await rm(claimed, { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}

function writerOf(name: string, target: string): number | undefined {
  if (!name.startsWith(`${target}.`)) return undefined;
  const [, pid] = /^unfinished-(\d{1,10})-[0-9a-f]{16}(?:-journal)?$/.exec(name.slice(target.length + 1)) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** Another process that runs. This one has not begun yet, so what bears its number is of an earlier one: in a container the numbers are small and come again. */
function isOther(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, and is another user's.
    return systemCode(error) === 'EPERM';
  }
}
