/** `profile list`: the profiles of the settings. */
import type { Call } from '../call.ts';
import { describeProfile } from '../profiles/describe-profile.ts';
import { lifeText } from '../profiles/profile-text.ts';
import { readProfiles } from '../profiles/read-profiles.ts';
import { table } from '../text/table.ts';

export async function run(call: Call): Promise<number> {
  const { output } = call;
  const { path, set } = await readProfiles(call);
  const profiles = set.profiles.map(describeProfile);
  for (const profile of profiles) output.event('profile', { ...profile });
  const rows = profiles.map((data) => {
    const { dns, spiffe, ip, email, fixed } = data.names;
    return {
      cells: [data.name, lifeText(data), data.names.from],
      below: [...dns, ...spiffe, ...ip, ...email, ...fixed].join('  '),
    };
  });
  output.say(table(['PROFILE', 'LIFE', 'NAMES FROM'], rows));
  output.result({ path, count: profiles.length });
  return 0;
}
