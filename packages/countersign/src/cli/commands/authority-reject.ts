/** `authority reject`: ends a proposal. */
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { proposalFields } from '../proposal-text.ts';

export async function run(call: Call): Promise<number> {
  const { output } = call;
  const [id = ''] = call.arguments;
  const { proposal } = await withAuthority(call, (authority) => authority.rejectProposal({ id }));
  output.say(` rejected: ${proposal.operation} ${proposal.id}`);
  output.result(proposalFields(proposal));
  return 0;
}
