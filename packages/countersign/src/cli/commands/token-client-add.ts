/** `token client add`: a client of the token issuer, by the name of its certificates or by its keys. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { Refusal } from '../../ground/errors/index.ts';
import { readFailure } from '../../runtime/config/index.ts';
import { withAuthority } from '../administered-authority.ts';
import type { Call } from '../call.ts';
import { calledAs } from '../called-as.ts';
import { proposalFields, proposalText } from '../proposal-text.ts';

const nameOptions = ['subject-dn', 'san-dns', 'san-uri', 'san-ip', 'san-email'] as const;

export async function run(call: Call): Promise<number> {
  const { output, world } = call;
  const registration = await registrationOf(call);
  const answer = await withAuthority(call, (authority) => authority.addTokenClient({ registration }));
  const { clientId, issuer, proposal } = answer;
  if (proposal !== undefined) {
    output.say(proposalText(proposal, world.clock.now()));
    output.hint(` another person must agree: ${calledAs(world.env)} authority approve ${proposal.id}`);
    output.result({ clientId, proposal: proposalFields(proposal) });
    return 0;
  }
  output.say(` client ${clientId}`);
  output.hint(
    issuer === undefined
      ? ' this authority issues no tokens yet: tokenIssuer of authority.yaml says where'
      : ` it gets access tokens of ${issuer}`,
  );
  output.result({ clientId, ...(issuer !== undefined && { issuer }) });
  return 0;
}

async function registrationOf(call: Call): Promise<Readonly<Record<string, unknown>>> {
  const { options, command } = call;
  const [client = ''] = call.arguments;
  const named = nameOptions.filter((name) => options.given(name));
  const [first] = named;
  if (named.length + (options.given('jwks') ? 1 : 0) !== 1)
    throw new Refusal('CS-USAGE-004', {
      missing: 'exactly one of --subject-dn, --san-dns, --san-uri, --san-ip, --san-email and --jwks',
      example: command.examples[0]?.line ?? '',
    });
  const scopes = options.texts('scope');
  return {
    client_id: client,
    ...(first === undefined
      ? { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: await jwksOf(call) }
      : {
          token_endpoint_auth_method: 'tls_client_auth',
          [`tls_client_auth_${first.replace('-', '_')}`]: options.text(first),
        }),
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    resources: [...options.texts('resource')],
  };
}

async function jwksOf({ options, world }: Call): Promise<unknown> {
  const given = options.text('jwks') ?? '';
  const text = await readFile(resolve(world.workingDirectory, given), 'utf8').catch((error: unknown) => {
    throw readFailure(error, given);
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Refusal('CS-USAGE-003', { option: '--jwks', value: given, expected: 'a file with a JSON Web Key Set' });
  }
}
