/** A secret into a new file of mode 0600. */
import { open, rm } from 'node:fs/promises';

import { writeFailure } from '../../runtime/config/index.ts';

/**
 * Never into an existing file: its mode would stay, and what it held would be lost.
 * Opened first, so that no secret is made that has no place; gone again where none came of it.
 */
export async function intoNewFile<Made extends string | undefined>(
  path: string,
  shown: string,
  make: () => Promise<Made>,
): Promise<Made> {
  const unwritable = (error: unknown): never => {
    throw writeFailure(error, shown);
  };
  const file = await open(path, 'wx', 0o600).catch(unwritable);
  let written = false;
  try {
    const made = await make();
    if (made === undefined) return made;
    await file.writeFile(`${made}\n`).catch(unwritable);
    written = true;
    return made;
  } finally {
    await file.close();
    if (!written) await rm(path, { force: true });
  }
}
