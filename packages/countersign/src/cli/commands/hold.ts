/** `hold`: revokes certificates until they are released, and says where that is enforced. */
import { askedCertificate } from '../asked-certificate.ts';
import type { Call } from '../call.ts';
import { withAuthority } from '../administered-authority.ts';
import { certificatesText, enforcementText } from '../enforcement-text.ts';

export async function run(call: Call): Promise<number> {
  const { output } = call;
  const [asked = ''] = call.arguments;
  output.progress('waiting for the endpoints');
  const answer = await withAuthority(call, (authority) => authority.hold(askedCertificate(asked)));
  const { enforced, of, ms, unreachable, closed, serials, number } = answer;
  output.say(`${enforcementText(answer, 'may accept it')}\n held: ${certificatesText(serials.length)}`);
  output.hint(` let in again with: countersign release ${serials[0] ?? 'SERIAL'}`);
  output.result({ enforced, of, ms, unreachable, closed, serials, number });
  return 0;
}
