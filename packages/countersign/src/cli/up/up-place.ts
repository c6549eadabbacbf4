/** Where `up` has its state, its socket and its settings: this user's, or the system's. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { settingsFileName } from '../../issuing/server/index.ts';
import { ensurePrivateDirectory } from '../../runtime/config/index.ts';
import type { Call } from '../call.ts';
import { stateDirectoryOf } from '../local-authority.ts';
import { systemPlace } from '../system/system-place.ts';

export interface UpPlace {
  readonly dir: string;
  readonly socketDir: string;
  readonly settings: { readonly path: string; readonly required: boolean };
}

export async function upPlace(call: Call): Promise<UpPlace> {
  const { options, world } = call;
  const asked = options.text('config');
  if (!options.on('system')) {
    const dir = stateDirectoryOf(call);
    return { dir, socketDir: dir, settings: settingsAt(asked ?? join(dir, settingsFileName), asked) };
  }
  options.exclude('system', 'dir', 'a service of the system has its place');
  const { dir, socketDir, settings } = systemPlace(world.env, process.geteuid?.());
  await ensurePrivateDirectory(dir);
  await ensurePrivateDirectory(socketDir);
  const inState = join(dir, settingsFileName);
  return { dir, socketDir, settings: settingsAt(asked ?? (existsSync(settings) ? settings : inState), asked) };
}

function settingsAt(path: string, asked: string | undefined): UpPlace['settings'] {
  return { path, required: asked !== undefined };
}
