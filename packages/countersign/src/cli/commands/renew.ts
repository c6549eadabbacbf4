/** `renew`: a credential folder's certificate again, in place. */
import { resolve } from 'node:path';
import { loadCredential, renewFolder } from '../../traffic/enrollment/index.ts';
import type { Call } from '../call.ts';
import { credentialFields, credentialText } from '../credential-text.ts';

export async function run({ options, output, world }: Call): Promise<number> {
  const shown = options.needed('dir-credential');
  const folder = resolve(world.workingDirectory, shown);
  const before = await loadCredential(folder);
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const wasExpired = before !== undefined && world.clock.now() >= before.leaf.notAfter + 1000;
  output.progress('asking the authority');
  const held = await renewFolder(folder, { clock: world.clock });
  output.say(credentialText(wasExpired ? 'renewed after expiry' : 'renewed', held, shown, world.clock.now()));
  output.result({ ...credentialFields(held, shown), wasExpired });
  return 0;
}
