/** `profile show`: all that one profile says, what it takes from the built-in one included. */
import type { Call } from '../call.ts';
import { describeProfile } from '../profiles/describe-profile.ts';
import { profileText } from '../profiles/profile-text.ts';
import { readProfiles } from '../profiles/read-profiles.ts';

export async function run(call: Call): Promise<number> {
  const { path, set } = await readProfiles(call);
  const data = describeProfile(set.require(call.arguments[0] ?? ''));
  call.output.say(profileText(data));
  call.output.result({ path, ...data });
  return 0;
}
