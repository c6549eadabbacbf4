/** `authority proposals`: what waits for a second person. */
import type { Call } from '../call.ts';
import { calledAs } from '../called-as.ts';
import { withAuthority } from '../administered-authority.ts';
import { proposalFields, proposalText } from '../proposal-text.ts';

export async function run(call: Call): Promise<number> {
  const { output, options, world } = call;
  const { proposals } = await withAuthority(call, (authority) => authority.listProposals());
  for (const proposal of proposals) output.event('proposal', proposalFields(proposal));
  const shown = proposals.filter(({ state }) => options.on('all') || state === 'open' || state === 'executing');
  if (!output.json) {
    const nowMs = world.clock.now();
    output.say(shown.length === 0 ? ' nothing waits' : shown.map((one) => proposalText(one, nowMs)).join('\n\n'));
    const left = proposals.length - shown.length;
    if (left > 0) output.hint(` not shown: ${left} decided or expired (--all)`);
    if (shown.length > 0) output.hint(` agree, or not: ${calledAs(world.env)} authority approve ID; ... reject ID`);
  }
  output.result({ count: proposals.length });
  return 0;
}
