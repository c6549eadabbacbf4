/** `administrator add`: a token with which a person whom the settings name gets an administrator's certificate. */
import { resolve } from 'node:path';

import { toRfc3339 } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { decodeToken, type Proposal, type Role, roles } from '../../runtime/api/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { calledAs, shellWords } from '../called-as.ts';
import { intoNewFile } from '../output/new-file.ts';
import { proposalFields, proposalText } from '../proposal-text.ts';
import { formatDuration } from '../text/duration.ts';

/** An hour: long enough to carry it to another machine, too short to be found later. */
const defaultLifeMs = 3_600_000;

export async function run(call: Call): Promise<number> {
  const { options, output, world } = call;
  const [name = ''] = call.arguments;
  const lifeSeconds = Math.ceil((options.milliseconds('life') ?? defaultLifeMs) / 1000);
  const given = rolesOf(options.texts('role'));
  let proposal: Proposal | undefined;
  const ask = async (): Promise<string | undefined> => {
    const request = { name, lifeSeconds, ...(given.length === 0 ? {} : { roles: given }) };
    const answer = await withAuthority(call, (authority) => authority.addAdministrator(request));
    ({ proposal } = answer);
    return answer.token;
  };
  const file = options.text('out');
  const token = file === undefined ? await ask() : await intoNewFile(resolve(world.workingDirectory, file), file, ask);
  const called = calledAs(world.env);
  if (token === undefined) {
    if (proposal === undefined) return 3;
    output.say(proposalText(proposal, world.clock.now()));
    output.hint(` another person must agree: ${called} authority approve ${proposal.id}`);
    output.result({ proposal: proposalFields(proposal) });
    return 0;
  }
  if (file === undefined && !output.json) output.say(token);
  const { names, expires } = decodeToken(token);
  output.hint(
    ` good once, for ${formatDuration(expires - world.clock.now() + 999)}; whoever has it is ${names.join('')}`,
  );
  output.hint(`   ${called} issue --token-file ${shellWords([file ?? 'FILE'])} --out DIR`);
  output.hint(`   ${called} list --credential DIR`);
  output.result({ token, names, expires: toRfc3339(expires), ...(file === undefined ? {} : { file }) });
  return 0;
}

function rolesOf(given: readonly string[]): Role[] {
  const wrong = given.find((text) => !roles.some((role) => role === text));
  if (wrong !== undefined)
    throw new Refusal('CS-USAGE-003', { option: '--role', value: wrong, expected: roles.join(', ') });
  return roles.filter((role) => given.includes(role));
}
