/** The settings that were accepted last, with the administrators that they name: what counts, whatever the file says, also where no authority runs. */
import { type Administrators, type Place, resolveAdministrators } from '../access/administrators.ts';
import { type AuthoritySettings, authoritySettings } from '../settings/authority-settings.ts';
import type { SettingsMemory } from './proposal-book.ts';

export interface InForce {
  readonly settings: AuthoritySettings;
  readonly administrators: Administrators;
}

export async function lastAccepted(memory: Pick<SettingsMemory, 'accepted'>, place: Place): Promise<InForce> {
  const accepted = await memory.accepted();
  const settings = accepted === undefined ? {} : authoritySettings.parse(JSON.parse(accepted.content));
  return { settings, administrators: await resolveAdministrators(settings.administrators, place) };
}
