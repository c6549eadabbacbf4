/**
 * Classes A and Q at the gateway's hosts, and B: TLS 1.3 alone is spoken there, on which nothing is renegotiated. A host that asks for no certificate names nobody
 * to its services, whatever a caller presents or says, has no route that needs somebody, and is no way to a host that asks for them.
 * Stands for: Traefik CVE-2022-46153, GHSA-gv8r-9rw9-9697; OpenZiti GHSA-cc5m-7mhm-xh9f; the ancestor of renegotiations is CVE-2009-3555.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type ConnectionOptions } from 'node:tls';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { identityHeaders } from '../../packages/countersign/src/traffic/relay/index.ts';
import { presented } from '../fixtures/presented.ts';
import { startGateway } from '../gateway/running-gateway.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const credentials = { main: authority.issue('gateway') };
const web = presented(authority.issue('web'));

interface More {
  readonly withoutName?: string;
  readonly hosts?: string;
  readonly routes?: string;
}

const rest = (port: number, more = '', { hosts = '', routes = '' }: More = {}): string => `hosts:
${hosts}  open.test: { certificate: none, credential: main }
  closed.test: { certificate: required, credential: main, trust: [${domain}] }
routes:
${routes}  - { name: open, host: open.test, path: /, upstream: behind${more} }
  - { name: closed, host: closed.test, path: /, allow: ['spiffe://${domain}/web'], upstream: behind }
upstreams: { behind: { targets: ['http://127.0.0.1:${port}'] } }
`;

async function started(t: TestContext, more: More = {}) {
  const reached: IncomingHttpHeaders[] = [];
  const service = createServer(({ headers }, response) => {
    reached.push(headers);
    response.end('served');
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  t.after(() => {
    service.closeAllConnections();
    service.close();
  });
  const { port: behind } = service.address() as AddressInfo;
  const { withoutName } = more;
  const { port, refusals, told } = await startGateway(t, {
    ...{ authorities: [authority], credentials, rest: rest(behind, '', more) },
    ...(withoutName !== undefined && { withoutName }),
  });
  return { port, reached, refusals, told };
}

async function ask(
  port: number,
  servername: string | undefined,
  host: string,
  more: ConnectionOptions & { readonly headers?: string } = {},
): Promise<string> {
  const { headers = '', ...shown } = more;
  const named = servername === undefined ? {} : { servername };
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...named, ...shown });
  let seen = '';
  socket.on('data', (octets: Buffer) => (seen += octets.toString())).on('error', () => undefined);
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${headers}\r\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  return /^HTTP\/1\.1 (\d+)/.exec(seen)?.[1] ?? 'nothing';
}

test('no host speaks TLS 1.2, and on TLS 1.3 nothing is renegotiated', async (t) => {
  const { port, reached } = await started(t);
  for (const servername of ['open.test', 'closed.test']) {
    assert.equal(await ask(port, servername, servername, web), '200');
    assert.equal(await ask(port, servername, servername, { ...web, maxVersion: 'TLSv1.2' }), 'nothing');
    const socket = connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false, ...web });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    assert.notEqual(await new Promise((resolve) => socket.renegotiate({}, resolve)), null);
    socket.destroy();
  }
  assert.equal(reached.length, 2);
});

test('where no certificate is asked for nobody is named, whatever is presented or said', async (t) => {
  const { port, reached } = await started(t);
  const names = identityHeaders.flatMap(({ names: all }) => all);
  const headers = names.map((name) => `${name}: URI=spiffe://${domain}/web\r\n`).join('');
  for (const shown of [{}, web]) assert.equal(await ask(port, 'open.test', 'open.test', { ...shown, headers }), '200');
  for (const told of reached) assert.doesNotMatch(JSON.stringify(told), /spiffe:/);
});

test('the host that was named in the handshake is the one that is served, in whatever spelling, and no other', async (t) => {
  const { port, reached } = await started(t);
  const tried: readonly (readonly [servername: string | undefined, host: string, status: string])[] = [
    ['open.test', 'closed.test', '421'],
    ['OPEN.test', 'CLOSED.TEST', '421'],
    ['open.test', 'closed.test.', '421'],
    ['open.test', 'closed.test:443', '421'],
    ['closed.test', 'open.test', '421'],
    ['OPEN.TEST', 'open.test', '200'],
    ['CLOSED.test', 'Closed.Test', '200'],
    [undefined, 'open.test', 'nothing'],
    ['other.test', 'open.test', 'nothing'],
    ['*.test', 'open.test', 'nothing'],
    ['xopen.test', 'open.test', 'nothing'],
  ];
  for (const [servername, host, status] of tried)
    assert.equal(await ask(port, servername, host, web), status, `${servername ?? 'none'} ${host}`);
  assert.equal(reached.length, 2);
  // With a dot at its end it is the same name or none; nobody without a certificate gets in by it.
  for (const servername of ['closed.test.', 'CLOSED.test'])
    for (const host of ['closed.test', 'closed.test.']) assert.doesNotMatch(await ask(port, servername, host), /200/);
  assert.equal(reached.length, 2);
});

test('the name of the handshake and the host of the configuration are asked for both: each finds what the other does not', async (t) => {
  const { port, reached, refusals, told } = await started(t, {
    withoutName: 'open.test',
    hosts: `  '*.wild.test': { certificate: none, credential: main }\n`,
    routes: `  - { name: wild, host: '*.wild.test', path: /, upstream: behind }\n`,
  });
  // No name that a request could disagree with, but the policy of a host.
  assert.equal(await ask(port, undefined, 'open.test', web), '200');
  assert.equal(await ask(port, undefined, 'closed.test', web), '421');
  assert.equal((await told(({ status }) => status === 421)).code, 'CS-GATEWAY-022');
  assert.deepEqual(refusals, []);
  // One policy for both names, but a connection for one of them.
  assert.equal(await ask(port, 'a.wild.test', 'a.wild.test', web), '200');
  assert.equal(await ask(port, 'a.wild.test', 'b.wild.test', web), '421');
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-TLS-012'],
  );
  assert.equal(reached.length, 2);
});

test('a route that needs somebody does not stand at such a host', async (t) => {
  for (const more of [`, allow: ['spiffe://${domain}/web']`, ', observe: true'])
    await assert.rejects(
      startGateway(t, { authorities: [authority], credentials, rest: rest(1, more) }),
      /"certificate":"none"|certificate/,
    );
});
