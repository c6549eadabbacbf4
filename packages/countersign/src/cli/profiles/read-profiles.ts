/** The profiles of a file of settings, whether or not an authority runs with them. */
import { join } from 'node:path';

import type { ProfileSet } from '../../issuing/authority/index.ts';
import { openSettings, type ProfilesSection, settingsFileName, toProfileSet } from '../../issuing/server/index.ts';
import type { Call } from '../call.ts';
import { stateDirectoryOf } from '../local-authority.ts';

export interface ReadProfiles {
  /** Where they were looked for: `--config`, else the file in the state directory. */
  readonly path: string;
  readonly section: ProfilesSection;
  readonly set: ProfileSet;
}

export async function readProfiles(call: Call): Promise<ReadProfiles> {
  const { options } = call;
  const path = options.text('config') ?? join(stateDirectoryOf(call), settingsFileName);
  const section = (await openSettings(path, options.given('config'))).current().profiles ?? {};
  return { path, section, set: toProfileSet(section) };
}
