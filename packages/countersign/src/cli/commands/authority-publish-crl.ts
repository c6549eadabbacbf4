/** `authority publish-crl`: the root's revocation list, carried here, is handed out with the authority's own. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { publishRootList } from '../../issuing/server/index.ts';
import type { Call } from '../call.ts';
import { readInput, readInputText } from '../input/read-input.ts';
import { existingStateDirectory } from '../local-authority.ts';

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  const [file = ''] = call.arguments;
  const dir = existingStateDirectory(call);
  const ocsp = call.options.text('ocsp');
  const { list, path, answers } = await publishRootList({
    dir,
    list: await readInput(file, world),
    file,
    answers: ocsp === undefined ? undefined : { contents: await readInputText(ocsp, world), file: ocsp },
    clock: world.clock,
  });
  const [number, nextUpdate] = [BigInt(`0x${list.crlNumber ?? '0'}`), toRfc3339(list.nextUpdate ?? 0)];
  output.say(
    ` handed out as /crl/${path}\n   ${String(list.revoked.size)} revoked, until ${nextUpdate}${answers === 0 ? '' : `, with ${String(answers)} OCSP answers`}`,
  );
  output.result({ path, number: String(number), revoked: list.revoked.size, nextUpdate, answers });
  return 0;
}
