/** `authority root export`: the root's key out of the state directory, into a folder that is carried away. */
import { resolve } from 'node:path';
import { exportRoot } from '../../issuing/server/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { chosenRootPassphrase } from '../authority/root-passphrase.ts';
import { withState } from '../authority/with-state.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { KeyPassphrase, statePassphrase } from '../input/key-passphrase.ts';
import { existingStateDirectory } from '../local-authority.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  process.umask(0o077);
  const dir = existingStateDirectory(call);
  const folder = resolve(world.workingDirectory, options.needed('out'));
  if (!options.on('yes'))
    await confirm("take the root's key out of the state directory? Without that folder no issuer can follow.", world);
  const current = new KeyPassphrase(options.text('passphrase-file'), statePassphrase, world);
  const { certificate, transcript } = await withState(dir, world.clock, async ({ record }) => {
    const passphrase = await chosenRootPassphrase(call, folder);
    const exported = await exportRoot({ folder, passphrase, clock: world.clock }, dir, current);
    await record('root.export', { root: sha256Hex(exported.certificate.raw) });
    return exported;
  });
  output.say(` the root is in ${folder}, and no longer in ${dir}`);
  output.hint(` carry it away, twice; print and sign: ${transcript.text}`);
  output.result({ root: folder, sha256: sha256Hex(certificate.raw), transcript });
  return 0;
}
