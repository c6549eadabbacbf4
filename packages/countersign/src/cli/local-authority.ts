/** The authority of the state directory that a call means, over its local socket. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { Refusal } from '../ground/errors/index.ts';
import { stateDirectory } from '../runtime/config/index.ts';
import { type AdministeredAuthority, localSocketName, openLocalAuthority } from '../runtime/api/index.ts';
import type { Call } from './call.ts';
import { systemRuntimeDirectory, systemServes, systemStateDirectory } from './system/system-place.ts';

export function stateDirectoryOf({ options, world }: Call): string {
  const { env, workingDirectory } = world;
  return stateDirectory({ dir: options.text('dir'), environment: env, workingDirectory });
}

/** The same, or the system's: where nothing was said, no authority of this user's is here, and one of the system serves. */
export function localDirectoryOf(call: Call): string {
  const dir = stateDirectoryOf(call);
  const said = call.options.text('dir') ?? call.world.env['COUNTERSIGN_DIR'] ?? '';
  return said === '' && !existsSync(dir) && systemServes() ? systemStateDirectory : dir;
}

/** The system's authority has its socket in a place of its own, which is gone when it ends. */
export function socketDirectoryOf(dir: string): string {
  return dir === systemStateDirectory && !existsSync(join(dir, localSocketName)) && systemServes()
    ? systemRuntimeDirectory
    : dir;
}

/** One that is there: a slip of the pen must not make a new one. */
export function existingStateDirectory(call: Call): string {
  const dir = stateDirectoryOf(call);
  if (!existsSync(dir)) throw new Refusal('CS-FILE-001', { path: dir });
  return dir;
}

/** Where the socket of the authority is that a call means on this machine. */
export function localSocketDirectory(call: Call): string {
  return socketDirectoryOf(localDirectoryOf(call));
}

export async function withLocalAuthority<T>(
  call: Call,
  work: (authority: AdministeredAuthority) => Promise<T>,
): Promise<T> {
  const authority = openLocalAuthority(localSocketDirectory(call), call.world.clock);
  try {
    return await work(authority);
  } finally {
    await authority.close();
  }
}

/** A minute: it is used at once, by this very process. */
const ownTokenSeconds = 60;

/** A token for this process's own use, from the authority on this machine. */
export async function localToken(
  call: Call,
  names: readonly string[],
  { certificateLifeMs, profile }: { certificateLifeMs?: number | undefined; profile?: string | undefined } = {},
): Promise<string> {
  const life = certificateLifeMs === undefined ? {} : { certificateLifeSeconds: Math.ceil(certificateLifeMs / 1000) };
  return withLocalAuthority(call, async (authority) => {
    const asked = {
      ...(names.length === 0 ? {} : { names: [...names] }),
      ...(profile === undefined ? {} : { profile }),
    };
    const { token } = await authority.createToken({ ...asked, lifeSeconds: ownTokenSeconds, ...life });
    return token;
  });
}
