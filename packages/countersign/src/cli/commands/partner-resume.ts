/** `partner resume`: the end of a suspension. */
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { certificatesText, enforcementText } from '../enforcement-text.ts';

export async function run(call: Call): Promise<number> {
  const { output } = call;
  const [name = ''] = call.arguments;
  output.progress('waiting for the endpoints');
  const answer = await withAuthority(call, (authority) => authority.resumePartner({ name }));
  const { enforced, of, ms, unreachable, closed, serials, number } = answer;
  output.say(
    `${enforcementText(answer, 'refuses it')}\n resumed: ${name}, ${certificatesText(serials.length)} released`,
  );
  output.result({ enforced, of, ms, unreachable, closed, serials, number });
  return 0;
}
