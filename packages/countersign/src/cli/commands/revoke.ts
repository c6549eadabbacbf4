/** `revoke`: ends certificates and their live connections, and says where that is enforced. */
import type { ReasonToRevoke, RevokeResponse } from '../../runtime/api/index.ts';
import { confirm } from '../ask.ts';
import type { Call } from '../call.ts';
import { withAuthority } from '../administered-authority.ts';
import { beside } from '../text/wrap.ts';

/** What list prints: 128-bit serials, and a little less where the first octets happen to be zero. Colons as in other tools' output. */
const serialForm = /^(?:[0-9A-Fa-f]{2}:?){12,20}$/;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const [asked = ''] = call.arguments;
  const serial = serialForm.test(asked) ? asked.replaceAll(':', '').toUpperCase() : undefined;
  if (!options.on('yes')) await confirm(question(asked, serial), world);
  output.progress('waiting for the endpoints');
  const reason = options.text('reason') as ReasonToRevoke | undefined;
  const answer = await withAuthority(call, (authority) =>
    authority.revoke({
      ...(serial === undefined ? { name: asked } : { serial }),
      ...(reason === undefined ? {} : { reason }),
    }),
  );
  output.say(revocationText(answer));
  const { enforced, of, ms, unreachable, closed, serials, number } = answer;
  output.result({ enforced, of, ms, unreachable, closed, serials, number });
  return 0;
}

function question(asked: string, serial: string | undefined): string {
  const which = serial === undefined ? `all certificates of ${asked}` : `certificate ${serial}`;
  return `revoke ${which} for good, and close their connections now?`;
}

/** "enforced on 41 of 42 in 0.3 s; 12 connections closed; unreachable: db-7 (until 14:32)". */
export function revocationText({ serials, enforced, of, ms, closed, unreachable }: RevokeResponse): string {
  const seconds = (ms / 1000).toFixed(2);
  const connections = `${closed} ${closed === 1 ? 'connection' : 'connections'} closed`;
  const where = of === 0 ? 'no endpoint was listening' : `enforced on ${enforced} of ${of} in ${seconds} s`;
  const line = ` ${where}; ${connections}; unreachable: ${unreachable.length === 0 ? 'none' : unreachable.length}`;
  const late = unreachable.flatMap(({ name, leaseEnds }) => beside(name, `may accept it until ${leaseEnds}`, 3, 30));
  return [line, ...late, ` revoked: ${serials.length} ${serials.length === 1 ? 'certificate' : 'certificates'}`].join(
    '\n',
  );
}
