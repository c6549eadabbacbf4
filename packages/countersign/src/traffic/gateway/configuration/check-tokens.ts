/** What the schema of a configuration can not see of tokens: issuers that are named and not there, or described by half. */
import { callerPattern } from '../routing/caller-pattern.ts';
import type { GatewayFile, TokenIssuerSettings } from './gateway-file.ts';
import type { ProblemList } from './problems.ts';
import { isAddress } from './is-address.ts';

export function checkTokens(file: GatewayFile, problems: ProblemList): void {
  for (const [name, issuer] of Object.entries(file.tokens)) {
    checkSource(name, issuer, problems);
    checkDoor(name, issuer, file, problems);
    checkClients(name, issuer, file, problems);
  }
  file.routes.forEach(({ name, host, token }, at) => {
    if (token === undefined) return;
    if (!Object.hasOwn(file.tokens, token.source))
      problems.unknownName(['routes', at, 'token', 'source'], 'token issuer', token.source, Object.keys(file.tokens));
    if (token.endsAnswers && token.observe)
      problems.wrongValue(
        ['routes', at, 'token', 'endsAnswers'],
        'with observe no token decides, so that none ends anything',
      );
    const certificate = Object.hasOwn(file.hosts, host) ? file.hosts[host]?.certificate : undefined;
    if (certificate === 'none')
      problems.handshake(['routes', at, 'token'], {
        ...{ route: name, host, certificate },
        problem: 'a token counts with the certificate that it is bound to alone',
      });
  });
}

function checkSource(
  name: string,
  { jwks, introspection, algorithms }: TokenIssuerSettings,
  problems: ProblemList,
): void {
  if ((jwks === undefined) === (introspection === undefined))
    problems.wrongValue(['tokens', name], 'either jwks, or introspection');
  if (introspection !== undefined && algorithms !== undefined)
    problems.wrongValue(['tokens', name, 'algorithms'], 'with introspection no signature is looked at here');
}

function checkDoor(name: string, issuer: TokenIssuerSettings, file: GatewayFile, problems: ProblemList): void {
  const { jwks, introspection, credential, trust, server } = issuer;
  const address = introspection?.url ?? jwks;
  const asks = address !== undefined && isAddress(address);
  for (const [key, value] of Object.entries({ credential, trust, server })) {
    if (value === undefined) continue;
    if (!asks) problems.wrongValue(['tokens', name, key], 'nobody is asked: the keys are a file');
    // What is asked in plain text shows nobody, and proves nothing.
    else if (address.startsWith('http:')) problems.wrongValue(['tokens', name, key], 'the address is not https');
    else if (key !== 'trust' && trust === undefined)
      problems.wrongValue(['tokens', name, key], 'trust is needed beside it: whose word it is that they are');
  }
  if (credential !== undefined && !Object.hasOwn(file.credentials, credential))
    problems.unknownName(['tokens', name, 'credential'], 'credential', credential, Object.keys(file.credentials));
  if (trust !== undefined && !Object.hasOwn(file.trust, trust))
    problems.unknownName(['tokens', name, 'trust'], 'trust domain', trust, Object.keys(file.trust));
  if (server !== undefined) checkPattern(['tokens', name, 'server'], server, problems);
}

function checkClients(name: string, { clients }: TokenIssuerSettings, file: GatewayFile, problems: ProblemList): void {
  for (const [client, whose] of Object.entries(clients)) {
    const place = ['tokens', name, 'clients', client];
    if (whose.startsWith('spiffe:')) checkPattern(place, whose, problems);
    else if (!file.partners.some((partner) => partner.name === whose))
      problems.unknownName(
        place,
        'partner',
        whose,
        file.partners.map((partner) => partner.name),
      );
  }
}

function checkPattern(place: readonly string[], written: string, problems: ProblemList): void {
  try {
    callerPattern(written);
  } catch (error) {
    problems.wrongValue(place, error instanceof Error ? error.message : String(error));
  }
}
