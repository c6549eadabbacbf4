/**
 * Class A, at the gateway: whoever was let in at a host without certificates, or before a reload took its trust or its policy away, comes back with what that
 * connection left behind, to the host that asks for them. Nothing is resumed, and nobody is let in by it.
 * Stands for: nginx CVE-2025-23419; Traefik GHSA-gv8r-9rw9-9697; apisix#9525.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { configurationOf, startGateway, type WantedGateway } from '../gateway/running-gateway.ts';
import { presented } from './presented.ts';
import { admittedAs, visit, type Visited } from './sessions.ts';

const [authority, other] = [new TestAuthority(), new TestAuthority({ trustDomain: 'other.internal' })];
const web = presented(authority.issue('web'));

async function program(t: TestContext): Promise<number> {
  const server = createServer(({ headers }, response) =>
    response.end(String(headers['x-forwarded-client-cert'] ?? 'nobody')),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function wanted(port: number, { trust = 'test.internal', allowed = 'web' } = {}): WantedGateway {
  return {
    authorities: [authority, other],
    credentials: { main: authority.issue('gateway') },
    rest: `hosts:
  open.test: { certificate: none, credential: main }
  either.test: { certificate: optional, credential: main, trust: [${trust}] }
  api.test: { certificate: required, credential: main, trust: [${trust}] }
routes:
  - { name: open, host: open.test, path: /, upstream: plain }
  - { name: either, host: either.test, path: /, upstream: plain }
  - { name: api, host: api.test, path: /, allow: ['spiffe://test.internal/${allowed}'], upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:${port}'] } }
`,
  };
}

const protocols = ['http/1.1', 'h2'] as const;
type Protocol = (typeof protocols)[number];

test('what a host left behind opens no other one, and no host after its trust or policy went', async (t) => {
  const upstream = await program(t);
  const { gateway, port } = await startGateway(t, wanted(upstream));
  const to = (servername: string, protocol: Protocol, client?: typeof web, session?: Buffer): Promise<Visited> =>
    visit({ port, protocol, version: 'TLSv1.3', client, servername, session });
  const kept = new Map<string, readonly Buffer[]>();
  for (const protocol of protocols) {
    for (const host of ['open.test', 'either.test', 'api.test'])
      for (const client of host === 'api.test' ? [web] : [web, undefined]) {
        const { sessions, answer } = await to(host, protocol, client);
        assert.ok(sessions.length > 0, `${host}: there is something to come back with`);
        assert.match(answer, host === 'open.test' || client === undefined ? /nobody/ : /test\.internal\/web/);
        kept.set(`${host} ${protocol} ${client === web ? 'as web' : 'as nobody'}`, sessions);
      }
  }
  const comeBack = async (expected: string | undefined, told: string): Promise<void> => {
    for (const [from, sessions] of kept)
      for (const protocol of protocols) {
        const session = sessions.at(-1);
        const own = await to('api.test', protocol, web, session);
        const bare = await to('api.test', protocol, undefined, session);
        assert.deepEqual([own.reused, bare.reused], [false, false], `${told}, ${from}, ${protocol}`);
        assert.deepEqual([admittedAs(own), admittedAs(bare)], [expected, undefined], `${told}, ${from}, ${protocol}`);
      }
  };
  await comeBack('web', 'under the same configuration');
  gateway.apply(await configurationOf(t, wanted(upstream, { allowed: 'nobody' })));
  await comeBack(undefined, 'after the policy went');
  gateway.apply(await configurationOf(t, wanted(upstream, { trust: 'other.internal' })));
  await comeBack(undefined, 'after the trust went');
});
