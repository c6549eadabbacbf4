/** `authority approve`: shows precisely what will happen, asks, and agrees to that and nothing else. */
import { resolve } from 'node:path';

import { printable, Refusal } from '../../ground/errors/index.ts';
import type { AdministeredAuthority, ApproveProposalResponse, Proposal } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { intoNewFile } from '../output/new-file.ts';
import { proposalFields, proposalText } from '../proposal-text.ts';

export function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const [id = ''] = call.arguments;
  return withAuthority(call, async (authority) => {
    const proposal = await find(authority, id);
    if (!output.json) output.hint(proposalText(proposal, world.clock.now()));
    if (!options.on('yes')) await confirm('agree to exactly this?', world);
    let answer: ApproveProposalResponse | undefined;
    const agree = async (): Promise<string | undefined> => {
      answer = await authority.approveProposal({ id, contentSha256: proposal.contentSha256 });
      return answer.outcome?.['token'];
    };
    const file = options.text('out');
    const token =
      file === undefined ? await agree() : await intoNewFile(resolve(world.workingDirectory, file), file, agree);
    if (answer === undefined) return 3;
    const { state } = answer.proposal;
    if (!output.json && token !== undefined && file === undefined) output.say(token);
    const from = answer.outcome?.['takesEffect'];
    output.hint(
      state === 'executed'
        ? ` agreed, and carried out${from === undefined ? '' : `; in use ${printable(from)}`}`
        : ` agreed; ${state}: another person must agree, too`,
    );
    if (file !== undefined && token !== undefined)
      output.hint(` the token is in ${file}; hand it over as the secret that it is`);
    output.result({ ...proposalFields(answer.proposal), outcome: answer.outcome ?? {} });
    return 0;
  });
}

async function find(authority: AdministeredAuthority, id: string): Promise<Proposal> {
  const { proposals } = await authority.listProposals();
  const proposal = proposals.find((one) => one.id === id);
  if (proposal === undefined) throw new Refusal('CS-APPROVAL-001', { id });
  return proposal;
}
