/** `join`: a partner's certificate into a folder, with the link and the code of an invitation. */
import { resolve } from 'node:path';

import { Refusal } from '../../ground/errors/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import { tokenOfInvitation } from '../../runtime/api/index.ts';
import { enrollFolder } from '../../traffic/enrollment/index.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { credentialFields, credentialText } from '../credential-text.ts';
import { askUnseen } from '../input/passphrase.ts';
import { readInputText } from '../input/read-input.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const [link = ''] = call.arguments;
  const out = options.needed('out');
  const token = tokenOfInvitation(link, await codeOf(call));
  const keyType = options.text('key-type') as KeyType | undefined;
  output.progress('asking the authority');
  const folder = resolve(world.workingDirectory, out);
  const held = await enrollFolder(folder, { token, clock: world.clock, ...(keyType === undefined ? {} : { keyType }) });
  output.say(credentialText('joined', held, out, world.clock.now()));
  output.hint(` renew it with: ${calledAs(world.env)} renew --dir-credential ${shellWords([out])}`);
  output.result(credentialFields(held, out));
  return 0;
}

async function codeOf({ options, world }: Call): Promise<string> {
  const file = options.text('code-file');
  if (file !== undefined) return readInputText(file, world);
  const given = world.env['COUNTERSIGN_CODE'] ?? '';
  if (given !== '') return given;
  const asked =
    world.stdin.isTTY && world.stderr.isTTY ? await askUnseen('the invitation', world, 'code of') : undefined;
  if (asked !== undefined && asked !== '') return asked;
  throw new Refusal('CS-USAGE-004', {
    missing: '--code-file FILE',
    example: 'countersign join LINK --code-file FILE --out DIR',
  });
}
