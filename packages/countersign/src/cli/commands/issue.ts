/** `issue`: a certificate into a folder, with a token or from the authority on this machine. */
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import { enrollFolder } from '../../traffic/enrollment/index.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { credentialFields, credentialText } from '../credential-text.ts';
import { tokenOf } from '../input/token-source.ts';
import { localToken } from '../local-authority.ts';
import { refuseHostileProcess } from '../process/refuse-hostile-process.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  refuseHostileProcess(world);
  const out = options.needed('out');
  const token = await findToken(call);
  output.progress('asking the authority');
  const held = await enrollFolder(resolve(world.workingDirectory, out), { token, clock: world.clock });
  output.say(credentialText('issued', held, out, world.clock.now()));
  output.hint(` renew it with: ${calledAs(world.env)} renew --dir-credential ${shellWords([out])}`);
  output.result(credentialFields(held, out));
  return 0;
}

async function findToken(call: Call): Promise<string> {
  const { options } = call;
  const names = call.arguments;
  const token = await tokenOf(call, names.length > 0);
  if (token !== undefined) {
    // What the token fixed cannot be chosen again.
    if (options.given('certificate-life')) {
      throw new Refusal('CS-USAGE-006', { given: ['a token', '--certificate-life'], rule: 'the token says the life' });
    }
    return token;
  }
  if (names.length > 0) return localToken(call, names, options.milliseconds('certificate-life'));
  throw new Refusal('CS-USAGE-004', {
    missing: '--token-file FILE, or a NAME',
    example: call.command.examples[0]?.line ?? '',
  });
}
