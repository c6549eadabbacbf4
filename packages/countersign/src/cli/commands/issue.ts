/** `issue`: a certificate into a folder, with a token or from the authority on this machine. */
import { resolve } from 'node:path';
import { Refusal } from '../../ground/errors/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import { decodeToken } from '../../runtime/api/index.ts';
import { enrollFolder, loadOrCreateKey } from '../../traffic/enrollment/index.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { credentialFields, credentialText } from '../credential-text.ts';
import { tokenOf } from '../input/token-source.ts';
import { localToken } from '../local-authority.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const out = options.needed('out');
  const token = await findToken(call);
  const names = namesToAsk(call, token);
  const folder = resolve(world.workingDirectory, out);
  const keyType = options.text('key-type') as KeyType | undefined;
  if (keyType !== undefined) await requireKeyType(folder, out, keyType);
  output.progress('asking the authority');
  const held = await enrollFolder(folder, { token, names, clock: world.clock });
  output.say(credentialText('issued', held, out, world.clock.now()));
  output.hint(` renew it with: ${calledAs(world.env)} renew --dir-credential ${shellWords([out])}`);
  output.result(credentialFields(held, out));
  return 0;
}

/** Made here where there is none. One that is there belongs to its certificate, or to a token that was tried with it. */
async function requireKeyType(folder: string, out: string, asked: KeyType): Promise<void> {
  const { type } = await loadOrCreateKey(folder, asked);
  if (type === asked) return;
  const rule = `the key in ${out} is ${type}, and stays; another kind needs another folder`;
  throw new Refusal('CS-USAGE-006', { given: [`--key-type ${asked}`, `--out ${out}`], rule });
}

async function findToken(call: Call): Promise<string> {
  const { options } = call;
  const names = call.arguments;
  const named = names.length > 0 || options.given('profile');
  // With a file, it is the token that says whether names belong beside it.
  const token = await tokenOf(call, named && !options.given('token-file'));
  if (token !== undefined) {
    // What the token fixed cannot be chosen again.
    for (const option of ['certificate-life', 'profile']) {
      if (!options.given(option)) continue;
      throw new Refusal('CS-USAGE-006', { given: ['a token', `--${option}`], rule: 'the token says it' });
    }
    return token;
  }
  if (named) {
    const certificateLifeMs = options.milliseconds('certificate-life');
    return localToken(call, names, { certificateLifeMs, profile: options.text('profile') });
  }
  throw new Refusal('CS-USAGE-004', {
    missing: '--token-file FILE, or a NAME',
    example: call.command.examples[0]?.line ?? '',
  });
}

/** A token that leaves the names to the request needs them here; another has said them. */
function namesToAsk(call: Call, token: string): readonly string[] {
  const names = call.arguments;
  const said = decodeToken(token).names.length > 0;
  if (!said && names.length === 0) {
    throw new Refusal('CS-USAGE-004', {
      missing: 'a NAME: the token leaves the names to the request',
      example: 'countersign issue NAME --token-file FILE --out DIR',
    });
  }
  if (said && names.length > 0 && call.options.given('token-file')) {
    throw new Refusal('CS-USAGE-006', { given: ['--token-file', 'a name'], rule: 'the token says the names' });
  }
  return names;
}
