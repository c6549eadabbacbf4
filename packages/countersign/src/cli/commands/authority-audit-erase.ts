/** `authority audit erase`: personal values out of the log; the chain holds without them. */
import { Refusal } from '../../ground/errors/index.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { withAuthority } from '../administered-authority.ts';
import { calledAs } from '../called-as.ts';
import { proposalFields, proposalText } from '../proposal-text.ts';

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  options.exclude('actor', 'name', 'one of the two at a time');
  const [actor, name] = [options.text('actor'), options.text('name')];
  if (actor === undefined && name === undefined)
    throw new Refusal('CS-USAGE-004', { missing: '--actor or --name', example: call.command.examples[0]?.line ?? '' });
  const whom = actor === undefined ? `the name ${name ?? ''}` : `the actor ${actor}`;
  if (!options.on('yes')) await confirm(`erase ${whom} from the audit log for good?`, world);
  const { fields, proposal } = await withAuthority(call, (authority) =>
    authority.eraseAudit(actor === undefined ? { name } : { actor }),
  );
  if (proposal !== undefined) {
    output.say(proposalText(proposal, world.clock.now()));
    output.hint(` another person must agree: ${calledAs(world.env)} authority approve ${proposal.id}`);
    output.result({ proposal: proposalFields(proposal) });
    return 0;
  }
  output.say(` ${String(fields)} ${fields === 1 ? 'value' : 'values'} erased; their hashes stay in the chain`);
  output.result({ fields });
  return 0;
}
