import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { Metrics } from '../../../runtime/telemetry/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import { checkText } from '../configuration/check-configuration.ts';
import type { LoadedConfiguration } from '../configuration/load-configuration.ts';
import type { Trust, VerifiedPeer } from '../../../runtime/tls/index.ts';
import { Gateway } from '../gateway.ts';
import type { AccessRecord } from './access.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;

async function configured(upstreamPort: number, identity: string): Promise<LoadedConfiguration> {
  const checked = await checkText(`version: 1
listen: { port: 0 }
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
partners:
  - { name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }], limits: { connections: 5 } }
  - { name: beta, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/beta }] }
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes:
  - { name: all, host: api.test, path: /, allow: [acme, beta], upstream: plain, identity: ${identity}, bounds: { headerBytes: 1500 } }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstreamPort}'] } }
`);
  assert.ok('file' in checked, 'problems' in checked ? checked.problems.join('\n') : '');
  const [bundle] = authority.bundles().all();
  assert.ok(bundle);
  const credentials = new Map([['main', authority.issue('gateway')]]);
  return { path: 'gateway.yaml', file: checked.file, credentials, bundles: new Map([[domain, bundle]]), files: [] };
}

interface Running {
  readonly gateway: Gateway;
  readonly configuration: LoadedConfiguration;
  readonly port: number;
  readonly records: AccessRecord[];
  /** Resolves with the next one. */
  recorded(): Promise<AccessRecord>;
}

async function running(t: TestContext, program: RequestListener, identity = 'none'): Promise<Running> {
  const upstream = createServer(program).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const records: AccessRecord[] = [];
  let next = Promise.withResolvers<AccessRecord>();
  const configuration = await configured((upstream.address() as AddressInfo).port, identity);
  const gateway = new Gateway(configuration, {
    clock: systemClock,
    onAccess: (record) => {
      records.push(record);
      next.resolve(record);
      next = Promise.withResolvers();
    },
    onRefusal: () => undefined,
    onClosed: () => undefined,
  });
  const { port } = await gateway.listen();
  t.after(() => gateway.close({ graceMs: 0 }));
  return { gateway, configuration, port, records, recorded: () => next.promise };
}

async function connected(t: TestContext, port: number, as: string, protocols: string[] = []): Promise<TLSSocket> {
  const { chain, privateKey } = authority.issue(as);
  const cert = chain.map((der) => encodePem('CERTIFICATE', der)).join('');
  const socket = connectTls({
    socket: connectTcp(port, '127.0.0.1'),
    servername: 'api.test',
    cert,
    key: privateKey.toPem(),
    rejectUnauthorized: false,
    ALPNProtocols: protocols,
  });
  socket.on('error', () => undefined);
  if (protocols.length === 0) socket.resume();
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

test('requests of which the caller goes before their turn to be answered are over as any other', async (t) => {
  const asked: string[] = [];
  const both = Promise.withResolvers<undefined>();
  const { gateway, port, records, recorded } = await running(t, (request, response) => {
    asked.push(request.url ?? '');
    // The first is never answered, so that the second waits with its answer.
    if (request.url === '/second') response.end('x'.repeat(1_000_000));
    if (asked.length === 2) both.resolve(undefined);
  });
  const socket = await connected(t, port, 'beta');
  socket.write('GET /first HTTP/1.1\r\nhost: api.test\r\n\r\nGET /second HTTP/1.1\r\nhost: api.test\r\n\r\n');
  await both.promise;
  assert.equal(gateway.underWay, 2);
  const first = recorded();
  socket.destroy();
  await first;
  if (records.length < 2) await recorded();
  assert.deepEqual(records.map(({ path }) => path).sort(), ['/first', '/second']);
  assert.equal(gateway.underWay, 0);
});

const revoked = new Refusal('CS-PEER-008', { peer: 'acme', serialNumber: '1', revokedAt: 'now' });

const isAcme = ({ name }: VerifiedPeer): boolean => name.endsWith('/acme');

/** How a connection goes while its request waits. */
const endings: Readonly<Record<string, (trust: Trust) => void>> = {
  'has ended': (trust) => void trust.dismiss((peer) => (isAcme(peer) ? revoked : undefined)),
  'is to end, in its turn': (trust) => {
    for (const connection of trust.connections.all()) if (isAcme(connection.peer)) connection.doom = revoked;
  },
};

for (const identity of ['none', 'proxy-v2'])
  for (const [how, end] of Object.entries(endings))
    test(`a request that has waited goes nowhere once its connection ${how}: ${identity}`, async (t) => {
      const asked: string[] = [];
      const program: RequestListener = (request, response) => {
        asked.push(request.url ?? '');
        response.end();
      };
      const { gateway, configuration, port, recorded } = await running(t, program, identity);
      // Then there is a connection to the program, on which a request would go out in the same turn.
      const other = await connected(t, port, 'beta');
      const warm = recorded();
      other.write('GET /warm HTTP/1.1\r\nhost: api.test\r\n\r\n');
      await warm;
      const waits = Promise.withResolvers<undefined>();
      const answer = Promise.withResolvers<() => void>();
      gateway.limits.connections = {
        connect: () => {
          waits.resolve(undefined);
          return answer.promise;
        },
      };
      const socket = await connected(t, port, 'acme');
      socket.write('GET /payments HTTP/1.1\r\nhost: api.test\r\n\r\n');
      await waits.promise;
      const record = recorded();
      end(gateway.trusts.of([domain], configuration));
      answer.resolve(() => undefined);
      await answer.promise;
      setImmediate(() => socket.destroy());
      assert.equal((await record).status, undefined);
      const last = recorded();
      other.write('GET /last HTTP/1.1\r\nhost: api.test\r\n\r\n');
      await last;
      // The program here takes no PROXY header for a request.
      assert.deepEqual(asked, identity === 'none' ? ['/warm', '/last'] : []);
    });

test('the header of a request that asks for an upgrade is bounded as any other', async (t) => {
  const { port, records } = await running(t, (_request, response) => response.end());
  const socket = await connected(t, port, 'beta');
  const answer = Promise.withResolvers<string>();
  socket.once('data', (octets) => answer.resolve(String(octets)));
  const padding = `x-padding: ${'x'.repeat(2_000)}\r\n`;
  socket.write(`GET /ws HTTP/1.1\r\nhost: api.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n${padding}\r\n`);
  assert.match(await answer.promise, /^HTTP\/1.1 431 [^]*CS-GATEWAY-019/);
  assert.deepEqual([records[0]?.decision, records[0]?.code], ['allowed', 'CS-GATEWAY-019']);
});

const unserved = [
  ['CONNECT elsewhere.test:443 HTTP/1.1\r\nhost: api.test\r\n\r\n', 405, 'CS-GATEWAY-069', 'elsewhere.test:443'],
  ['GET /tea HTTP/1.1\r\nhost: api.test\r\nexpect: tea\r\n\r\n', 417, 'CS-GATEWAY-089', '/tea'],
] as const;

for (const [head, status, code, path] of unserved)
  test(`what nobody is served with has a code and is on record: ${path}`, async (t) => {
    const { port, recorded } = await running(t, () => assert.fail('it was handed on'));
    const socket = await connected(t, port, 'beta');
    const record = recorded();
    const answer = Promise.withResolvers<string>();
    socket.once('data', (octets) => answer.resolve(String(octets)));
    socket.write(head);
    assert.match(await answer.promise, new RegExp(`^HTTP/1.1 ${status} [^]*${code}`));
    const { decision, code: told, status: sent, path: asked, peer } = await record;
    assert.deepEqual([decision, told, sent, asked], ['denied', code, status, path]);
    assert.match(peer ?? '', /beta$/);
  });

test('the same over HTTP/2', async (t) => {
  const { port, records, recorded } = await running(t, () => assert.fail('it was handed on'));
  const socket = await connected(t, port, 'beta', ['h2']);
  const session = connectHttp2('https://api.test', { createConnection: () => socket });
  t.after(() => session.destroy());
  for (const headers of [
    { ':method': 'CONNECT', ':authority': 'api.test' },
    { ':path': '/tea', expect: 'tea' },
  ]) {
    const record = recorded();
    const stream = session.request(headers, { endStream: true });
    const [answered] = (await once(stream, 'response')) as [Record<string, unknown>];
    const body = await stream.toArray();
    const { code } = await record;
    assert.match(Buffer.concat(body as Buffer[]).toString(), new RegExp(code ?? 'none'));
    assert.equal(answered[':status'], records.at(-1)?.status);
  }
  assert.deepEqual(
    records.map(({ decision, code, status, method, path }) => [decision, code, status, method, path]),
    [
      ['denied', 'CS-GATEWAY-069', 405, 'CONNECT', 'api.test'],
      ['denied', 'CS-GATEWAY-089', 417, 'GET', '/tea'],
    ],
  );
});

test('metrics can be read once a route that was called is gone', async (t) => {
  const { gateway, configuration, port, recorded } = await running(t, (_request, response) => response.end());
  const metrics = new Metrics();
  gateway.observe(metrics);
  const socket = await connected(t, port, 'beta');
  const record = recorded();
  socket.write('GET / HTTP/1.1\r\nhost: api.test\r\n\r\n');
  await record;
  await metrics.read();
  const [route] = configuration.file.routes;
  assert.ok(route);
  gateway.apply({
    ...configuration,
    file: { ...configuration.file, routes: [{ ...route, name: 'another' }], partners: [] },
  });
  const family = (await metrics.read()).find(({ name }) => name === 'countersign_gateway_requests');
  assert.ok(family);
});
