/** `partner suspend`: the partner's connections are closed, and it is let in nowhere until it is resumed. */
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { certificatesText, enforcementText } from '../enforcement-text.ts';

export async function run(call: Call): Promise<number> {
  const { output, options } = call;
  const [name = ''] = call.arguments;
  const reason = options.text('reason');
  output.progress('waiting for the endpoints');
  const request = { name, ...(reason === undefined ? {} : { reason }) };
  const answer = await withAuthority(call, (authority) => authority.suspendPartner(request));
  const { enforced, of, ms, unreachable, closed, serials, number, gateways } = answer;
  output.say(
    `${enforcementText(answer, 'may accept it')}\n suspended: ${name}, ${certificatesText(serials.length)} held`,
  );
  output.hint(` let in again with: countersign partner resume ${name}`);
  output.result({ enforced, of, ms, unreachable, closed, serials, number, ...(gateways && { gateways }) });
  return 0;
}
