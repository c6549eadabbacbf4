/** `partner remove`: the partner's identity is revoked for good, and the partner forgotten. */
import { Refusal } from '../../ground/errors/index.ts';
import { withAuthority } from '../administered-authority.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { certificatesText, enforcementText } from '../enforcement-text.ts';

export async function run(call: Call): Promise<number> {
  const { output, options, world } = call;
  const [name = ''] = call.arguments;
  if (!options.on('yes') && !world.stdin.isTTY)
    throw new Refusal('CS-USAGE-004', {
      missing: '--yes: off a terminal nobody can be asked',
      example: `countersign partner remove ${name} --yes`,
    });
  const answer = await withAuthority(call, async (authority) => {
    const [partner] = (await authority.listPartners({ name })).partners;
    const has = certificatesText((partner?.valid ?? 0) + (partner?.held ?? 0));
    const question = `revoke ${name} with its ${has} for good, close its connections now, and forget it?`;
    if (!options.on('yes')) await confirm(question, world);
    output.progress('waiting for the endpoints');
    return authority.removePartner({ name });
  });
  const { enforced, of, ms, unreachable, closed, serials, number, identity, gateways } = answer;
  output.say(
    `${enforcementText(answer, 'may accept it')}\n removed: ${name}, ${certificatesText(serials.length)} revoked`,
  );
  output.result({ enforced, of, ms, unreachable, closed, serials, number, identity, ...(gateways && { gateways }) });
  return 0;
}
