/** `release`: ends a hold, and says where its certificates are let in again. */
import { plainSerial } from '../asked-certificate.ts';
import type { Call } from '../call.ts';
import { withAuthority } from '../administered-authority.ts';
import { certificatesText, enforcementText } from '../enforcement-text.ts';

export async function run(call: Call): Promise<number> {
  const { output } = call;
  const [asked = ''] = call.arguments;
  output.progress('waiting for the endpoints');
  const answer = await withAuthority(call, (authority) => authority.release({ serial: plainSerial(asked) }));
  const { enforced, of, ms, unreachable, serials, number } = answer;
  output.say(`${enforcementText(answer, 'may refuse it')}\n released: ${certificatesText(serials.length)}`);
  output.result({ enforced, of, ms, unreachable, serials, number });
  return 0;
}
