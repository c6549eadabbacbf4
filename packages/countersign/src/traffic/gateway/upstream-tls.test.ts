import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../../ground/clock/index.ts';
import { allowAnyPeer } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { createHttp2Server, type Credential, fixedSource, peerOf, Trust } from '../../runtime/tls/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import type { LoadedConfiguration } from './configuration/load-configuration.ts';
import { configurationFrom } from '../../../../../tests/fixtures/gateway/configurations.ts';
import { checkText } from './configuration/check-configuration.ts';
import { openGateway, type OpenGateway } from '../../../../../tests/fixtures/gateway/open-gateway.ts';
import { presented } from '../../../../../tests/fixtures/presented.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const caller = authority.issue('acme');
const own = authority.issue('gateway');
const renewed = authority.issue('gateway');
const service = authority.issue('service');

function text(target: string, tls = `{ trust: ${domain}, expect: { spiffeId: spiffe://${domain}/service } }`): string {
  return `version: 1
listen: { port: 0 }
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: api.test, path: /, allow: ['spiffe://${domain}/**'], upstream: behind }]
upstreams:
  behind:
    targets: ['${target}']
    retries: false
    tls: ${tls}
`;
}

function loaded(written: string, credential = own): Promise<LoadedConfiguration> {
  const bundles = new Map([[domain, authority.bundle()]]);
  return configurationFrom(written, { credentials: new Map([['main', credential]]), bundles });
}

interface Behind {
  readonly port: number;
  /** Of whoever connected, one for each connection. */
  readonly seen: string[];
}

/** A service that takes the gateway alone, and says who called and how. */
async function behind(t: TestContext, credential: Credential = service): Promise<Behind> {
  const bundles = fixedSource(authority.bundles());
  const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock: systemClock });
  const seen: string[] = [];
  const server = createHttp2Server(
    allowAnyPeer(),
    {
      trust,
      credentials: fixedSource(credential),
      clock: systemClock,
      onAdmitted: (_, peer) => seen.push(peer?.thumbprint ?? 'none'),
      onRefusal: () => undefined,
      onClosed: () => undefined,
    },
    (request, response) => void response.end(`HTTP/${request.httpVersion} of ${peerOf(request).name}`),
    (_, socket) => socket.end('HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello'),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => {
    trust.close();
    return server.close({ graceMs: 0 });
  });
  return { port, seen };
}

async function running(t: TestContext, written: string): Promise<OpenGateway> {
  return openGateway(t, await loaded(written));
}

async function asked(port: number): Promise<string> {
  const asking = httpsRequest({
    host: '127.0.0.1',
    port,
    path: '/a',
    servername: 'api.test',
    agent: false,
    headers: { host: 'api.test' },
    rejectUnauthorized: false,
    ...presented(caller),
  }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let said = '';
  for await (const piece of answer.setEncoding('utf8')) said += String(piece);
  return `${String(answer.statusCode)} ${/CS-[A-Z]+-\d+/.exec(said)?.[0] ?? said}`;
}

test('a service behind mutual TLS is asked by the gateway as itself, over either version of HTTP', async (t) => {
  const { port: there } = await behind(t);
  const { gateway, port } = await running(t, text(`https://127.0.0.1:${there}`));
  assert.equal(await asked(port), `200 HTTP/1.1 of spiffe://${domain}/gateway`);
  gateway.apply(await loaded(text(`h2://127.0.0.1:${there}`)));
  assert.equal(await asked(port), `200 HTTP/2.0 of spiffe://${domain}/gateway`);
});

test('one that is not who is expected gets nothing, whoever signed its certificate', async (t) => {
  const { port: there, seen } = await behind(t, authority.issue('other'));
  const { port } = await running(t, text(`https://127.0.0.1:${there}`));
  assert.equal(await asked(port), '502 CS-GATEWAY-041');
  const { port: strangers } = await behind(t, new TestAuthority().issue('service'));
  const { port: second } = await running(t, text(`https://127.0.0.1:${strangers}`));
  assert.equal(await asked(second), '502 CS-GATEWAY-041');
  assert.ok(seen.length <= 1);
});

for (const scheme of ['https', 'h2'])
  test(`${scheme}: a credential that was exchanged is shown from the next request on; what is unchanged keeps its connections`, async (t) => {
    const { port: there, seen } = await behind(t);
    const { gateway, port } = await running(t, text(`${scheme}://127.0.0.1:${there}`));
    await asked(port);
    await asked(port);
    gateway.apply(await loaded(text(`${scheme}://127.0.0.1:${there}`)));
    await asked(port);
    assert.equal(seen.length, 1, 'one connection serves them all');
    gateway.apply(await loaded(text(`${scheme}://127.0.0.1:${there}`), renewed));
    assert.match(await asked(port), /^200/);
    assert.equal(new Set(seen).size, 2);
  });

test('health is asked over the same mutual TLS', async (t) => {
  const { port: there } = await behind(t, authority.issue('other'));
  const written = text(`https://127.0.0.1:${there}`).replace(
    'retries: false',
    'health: { active: { path: /, everyMs: 20, unhealthyAfter: 1 } }',
  );
  const { gateway, port } = await running(t, written);
  while ((await asked(port)) !== '503 CS-GATEWAY-037') assert.equal(gateway.ready, true);
});

test('a WebSocket goes over mutual TLS, too', async (t) => {
  const { port: there } = await behind(t);
  const { port } = await running(t, text(`https://127.0.0.1:${there}`));
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    servername: 'api.test',
    rejectUnauthorized: false,
    ...presented(caller),
  });
  await once(socket, 'secureConnect');
  socket.write('GET /ws HTTP/1.1\r\nhost: api.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  let said = '';
  for await (const piece of socket.setEncoding('utf8')) said += String(piece);
  assert.match(said, /^HTTP\/1\.1 101 [^]*hello$/);
});

test('TLS without who it may be with is refused by name, and so is what has no effect', async () => {
  const problemsOf = async (written: string): Promise<readonly string[]> => {
    const checked = await checkText(written);
    return 'problems' in checked
      ? checked.problems.map(
          ({ evidence }) => `${String(evidence['setting'])}: ${String(evidence['problem'] ?? evidence['nearest'])}`,
        )
      : [];
  };
  const without = text('https://a.test').replace(/ {4}tls:.*\n/, '');
  assert.match(String(await problemsOf(without)), /^upstreams\.behind\.targets\[0\]: TLS needs tls/);
  assert.match(
    String(await problemsOf(text('http://a.test'))),
    /^upstreams\.behind\.targets\[0\]: this upstream has tls/,
  );
  assert.match(String(await problemsOf(text('https://a.test', `{ trust: ${domain} }`))), /expect/);
  assert.match(String(await problemsOf(text('https://a.test', `{ trust: ${domain}, expect: {} }`))), /names nothing/);
  const mistyped = `{ credential: mian, trust: ${domain}, expect: { dnsName: a.test } }`;
  assert.deepEqual(await problemsOf(text('https://a.test', mistyped)), ['upstreams.behind.tls.credential: main']);
});
