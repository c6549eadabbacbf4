/**
 * The gateway, for the register. What it trusts, presents and lets in stands in its file, so that what a scenario wants of it is written into one; scenarios
 * that change sources under a running server are not for it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { describe, isPeerPolicy } from '../../packages/countersign/src/identity/authorization/index.ts';
import type { CertificateMode } from '../../packages/countersign/src/traffic/gateway/index.ts';
import type { CredentialSource, NamedCredentials } from '../../packages/countersign/src/runtime/tls/index.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import { namedIn } from './front-and-preload.ts';
import { answerOn, type StartedServer, type Wanted } from './wanted.ts';

/** The host that stands for clients that send no server name: what the suite's requests ask for then. */
const hostWithoutName = 'x';

export function startGatewayFor(
  certificate: CertificateMode,
): (t: TestContext, wanted: Wanted) => Promise<StartedServer> {
  return async (t, wanted) => {
    const { authority, credentials, trust, version, more } = wanted;
    if (trust !== undefined || version !== 'TLSv1.3') throw new TypeError('what no file of the gateway says');
    const { otherwise, byServerName = {} } = named(credentials);
    const hosts = [[hostWithoutName, otherwise] as const, ...Object.entries(byServerName)];
    const program = createServer(({ headers }, response) =>
      answerOn(wanted, response, () => namedIn(headers['x-forwarded-client-cert'])),
    ).listen(0, '127.0.0.1');
    await once(program, 'listening');
    t.after(() => {
      program.closeAllConnections();
      program.close();
    });
    const { port: target } = program.address() as AddressInfo;
    const domain = authority.trustDomain;
    const refusals: Refusal[] = [];
    const { port } = await startGateway(t, {
      authorities: [authority],
      withoutName: hostWithoutName,
      ...(more?.clock && { clock: more.clock }),
      more: {
        onRefusal: (refusal) => refusals.push(refusal),
        // A server of one policy refuses in the handshake; here it is the route that does.
        onAccess: ({ decision, code, peer, route }) => {
          if (decision === 'denied' && code === 'CS-GATEWAY-015')
            refusals.push(new Refusal(code, { peer: peer ?? 'nobody', partner: 'none', route: route ?? 'none' }));
        },
        ...(more?.onClosed && { onClosed: more.onClosed }),
      },
      credentials: Object.fromEntries(
        hosts.map(([, source], at) => [`of-${at}`, source?.current() ?? authority.issue('orders')]),
      ),
      rest: [
        'partners:',
        `  - { name: let-in, trust: ${domain}, who: [${whoOf(wanted)}] }`,
        'hosts:',
        ...hosts.map(
          ([host], at) => `  '${host}': { certificate: ${certificate}, credential: of-${at}, trust: [${domain}] }`,
        ),
        'routes:',
        ...hosts.map(
          ([host], at) => `  - { name: of-${at}, host: '${host}', path: /, allow: [let-in], upstream: program }`,
        ),
        `upstreams: { program: { targets: ['http://127.0.0.1:${target}'] } }`,
        '',
      ].join('\n'),
    });
    return { port, refusals };
  };
}

function named(given: CredentialSource | NamedCredentials | undefined): Partial<NamedCredentials> {
  if (given === undefined) return {};
  return 'otherwise' in given ? given : { otherwise: given };
}

/** The policy as the file says it; that of anybody is everybody of the trust domain. */
function whoOf({ policy, authority }: Wanted): string {
  if (!isPeerPolicy(policy)) return whoOf({ policy: policy.current(), authority } as Wanted);
  const said = describe(policy);
  if (said === 'any peer') return `{ spiffeId: 'spiffe://${authority.trustDomain}/**' }`;
  return said
    .split(' or ')
    .map((one) => `{ ${kindOf(one)}: ${JSON.stringify(one.replace(/^(?:subject|key) /, ''))} }`)
    .join(', ');
}

function kindOf(said: string): string {
  if (said.startsWith('spiffe://')) return 'spiffeId';
  if (said.startsWith('subject ')) return 'subject';
  if (said.startsWith('key ')) return 'spkiPin';
  return said.includes('://') ? 'uri' : 'dnsName';
}
