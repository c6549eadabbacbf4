/** `authority ceremony root`: a root on a machine that stays apart, before there is any authority. */
import { resolve } from 'node:path';
import { makeRoot } from '../../issuing/server/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { chosenRootPassphrase } from '../authority/root-passphrase.ts';
import type { Call } from '../call.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  process.umask(0o077);
  const folder = resolve(world.workingDirectory, options.needed('out'));
  const passphrase = await chosenRootPassphrase(call, folder);
  const trustDomain = options.needed('trust-domain');
  const { certificate, transcript } = await makeRoot({ folder, passphrase, clock: world.clock }, trustDomain);
  const sha256 = sha256Hex(certificate.raw);
  output.say(` root ${trustDomain}, its SHA-256:\n   ${sha256}\n in ${folder}`);
  output.hint(` print and sign: ${transcript.text}`);
  output.result({ root: folder, sha256, trustDomain, transcript });
  return 0;
}
