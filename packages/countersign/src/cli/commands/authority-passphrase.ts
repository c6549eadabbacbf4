/** `authority passphrase`: the keys on disk under another passphrase, or under none. */
import { Refusal } from '../../ground/errors/index.ts';
import { changePassphrase, type GivenPassphrase } from '../../issuing/server/index.ts';
import { withState } from '../authority/with-state.ts';
import type { Call } from '../call.ts';
import { KeyPassphrase, newPassphrase, statePassphrase } from '../input/key-passphrase.ts';
import { existingStateDirectory } from '../local-authority.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  process.umask(0o077);
  options.exclude('remove', 'new-passphrase-file', 'without a passphrase there is no new one');
  const dir = existingStateDirectory(call);
  const encrypted = !options.on('remove');
  const current = new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world);
  const next = () => (encrypted ? chosen(call) : Promise.resolve(undefined));
  const { files } = await withState(dir, world.clock, async ({ record }) => {
    const changed = await changePassphrase({ dir, current, next });
    await record('keys.encrypt', { encrypted, wasEncrypted: changed.wasEncrypted });
    return changed;
  });
  const did = encrypted ? 'encrypted with the new passphrase' : 'unencrypted now, readable by this user alone';
  output.say(` ${did}: ${files.join(', ')}`);
  if (encrypted) output.hint(' the next start needs it: --passphrase-file FILE, COUNTERSIGN_PASSPHRASE, or a terminal');
  output.result({ files, encrypted });
  return 0;
}

async function chosen({ options, command, world }: Call): Promise<GivenPassphrase> {
  const source = new KeyPassphrase(options.text('new-passphrase-file'), newPassphrase, world);
  const passphrase = await source.choosing("the authority's keys");
  if (passphrase !== undefined) return passphrase;
  throw new Refusal('CS-USAGE-004', {
    missing: '--new-passphrase-file FILE, or --remove',
    example: command.examples[1]?.line ?? '',
  });
}
