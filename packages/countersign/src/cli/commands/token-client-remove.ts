/** `token client remove`: a client gets no more tokens, and those that it has end. */
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';

export async function run(call: Call): Promise<number> {
  const { output } = call;
  const [given = ''] = call.arguments;
  const { clientId } = await withAuthority(call, (authority) => authority.removeTokenClient({ clientId: given }));
  output.say(` removed: ${clientId}; its tokens are not active any more`);
  output.result({ clientId });
  return 0;
}
