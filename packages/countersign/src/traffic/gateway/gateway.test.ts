import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import type { LoadedConfiguration } from './configuration/load-configuration.ts';
import { configurationFrom } from '../../../../../tests/fixtures/gateway/configurations.ts';
import { listeningOn } from '../../../../../tests/fixtures/gateway/listening-on.ts';
import { openGateway, type OpenGateway } from '../../../../../tests/fixtures/gateway/open-gateway.ts';
import { presented } from '../../../../../tests/fixtures/presented.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;

function text(port: number, more: { routes?: string; acme?: string; more?: string } = {}): string {
  return `version: 1
listen: { port: 0 }
credentials: { main: { folder: unused } }
trust: { ${domain}: { anchors: [unused] } }
${more.more ?? ''}
partners:
  - { name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }], state: ${more.acme ?? 'active'} }
  - { name: beta, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/beta }] }
hosts:
  api.test: { certificate: required, credential: main, trust: [${domain}] }
  www.test: { certificate: none, credential: main }
  either.test: { certificate: optional, credential: main, trust: [${domain}] }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: [acme], upstream: plain, bounds: { requestBytes: 1000 } }
  - { name: watched, host: api.test, path: /watched/, allow: [acme], observe: true, upstream: plain }
  - { name: pages, host: www.test, path: /, upstream: plain }
  - { name: open, host: either.test, path: /open, upstream: plain }
  - { name: closed, host: either.test, path: /closed, allow: [acme], upstream: plain }
${more.routes ?? ''}
upstreams: { plain: { targets: ['http://127.0.0.1:${port}'] } }
`;
}

function loaded(written: string): Promise<LoadedConfiguration> {
  const bundles = new Map([[domain, authority.bundle()]]);
  return configurationFrom(written, { credentials: new Map([['main', credential]]), bundles });
}

const credential = authority.issue('gateway');

async function running(
  t: TestContext,
  program: RequestListener,
  more: Parameters<typeof text>[1] = {},
): Promise<OpenGateway & { readonly upstreamPort: number }> {
  const upstreamPort = await listeningOn(t, program);
  return { ...(await openGateway(t, await loaded(text(upstreamPort, more)))), upstreamPort };
}

interface Call {
  readonly as?: string;
  readonly host?: string;
  readonly servername?: string;
  readonly method?: string;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

function tlsOf(as: string | undefined): { cert?: string; key?: string } {
  return as === undefined ? {} : presented(authority.issue(as));
}

async function opened(port: number, path: string, call: Call = {}): Promise<IncomingMessage> {
  const { as, host = 'api.test', servername = host, method = 'GET', body, agent = new Agent() } = call;
  const asking = httpsRequest({
    host: '127.0.0.1',
    port,
    path,
    method,
    servername,
    agent,
    headers: { host },
    rejectUnauthorized: false,
    ...tlsOf(as),
  });
  asking.end(body);
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  return answer;
}

async function outcome(port: number, path: string, call: Call = {}): Promise<string> {
  const answer = await opened(port, path, call);
  let said = '';
  for await (const piece of answer.setEncoding('utf8')) said += String(piece);
  const code = /CS-[A-Z]+-\d+/.exec(said)?.[0];
  return code === undefined ? `${String(answer.statusCode)} ${said}` : `${String(answer.statusCode)} ${code}`;
}

const echo: RequestListener = (request, response) => response.end(request.url);

test('a partner is let in where a route names him, each request is told with identity, route and decision', async (t) => {
  const { port, records } = await running(t, echo);
  assert.equal(await outcome(port, '/p%61yments/1?q=secret', { as: 'acme' }), '200 /payments/1?q=secret');
  assert.equal(await outcome(port, '/payments/1', { as: 'beta' }), '403 CS-GATEWAY-015');
  assert.equal(await outcome(port, '/watched/1', { as: 'beta' }), '200 /watched/1');
  assert.equal(await outcome(port, '/watched/..%2fpayments/1', { as: 'beta' }), '400 CS-GATEWAY-010');
  assert.equal(await outcome(port, '/other', { as: 'acme' }), '404 CS-GATEWAY-012');
  const told = records.map(({ partner, route, decision, code, status, path }) => [
    partner,
    route,
    decision,
    code,
    status,
    path,
  ]);
  assert.deepEqual(told, [
    ['acme', 'payments', 'allowed', undefined, 200, '/p%61yments/1'],
    ['beta', 'payments', 'denied', 'CS-GATEWAY-015', 403, '/payments/1'],
    ['beta', 'watched', 'observed', 'CS-GATEWAY-015', 200, '/watched/1'],
    ['beta', undefined, 'denied', 'CS-GATEWAY-010', 400, '/watched/..%2fpayments/1'],
    ['acme', undefined, 'denied', 'CS-GATEWAY-012', 404, '/other'],
  ]);
  assert.match(records[0]?.thumbprint ?? '', /^[\w-]{43}$/);
});

test('a target that is gone is stepped over, and left out; where all are gone the code says so', async (t) => {
  const { gateway, port, upstreamPort } = await running(t, echo);
  const gone = createServer().listen(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port: gonePort } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const targets = (...ports: readonly number[]): string =>
    `targets: [${ports.map((one) => `'http://127.0.0.1:${one}'`).join(', ')}], health: { passive: { failures: 1 } }`;
  const over = async (...ports: readonly number[]): Promise<void> => {
    const written = text(upstreamPort).replace(/targets: \[[^\]]*\]/, targets(...ports));
    gateway.apply(await loaded(written));
  };
  await over(gonePort, upstreamPort);
  for (let request = 0; request < 6; request++) assert.equal(await outcome(port, '/', { host: 'www.test' }), '200 /');
  await over(gonePort);
  assert.equal(await outcome(port, '/', { host: 'www.test' }), '502 CS-GATEWAY-030');
});

test('a certificate is asked for where the host says so, and nowhere else', async (t) => {
  const { port } = await running(t, (request, response) =>
    response.end(String(request.headers['x-forwarded-client-cert'])),
  );
  assert.equal(await outcome(port, '/', { host: 'www.test' }), '200 undefined');
  // Who has one is not asked for it, so that a browser shows no choice.
  assert.equal(await outcome(port, '/', { host: 'www.test', as: 'acme' }), '200 undefined');
  assert.equal(await outcome(port, '/open', { host: 'either.test' }), '200 undefined');
  assert.equal(await outcome(port, '/closed', { host: 'either.test' }), '403 CS-GATEWAY-014');
  assert.match(await outcome(port, '/closed', { host: 'either.test', as: 'acme' }), /^200 By=.*URI=spiffe:.*acme/);
  await assert.rejects(outcome(port, '/payments/1'));
});

test('a request for another host than the handshake is misdirected, in either version', async (t) => {
  const { port } = await running(t, echo);
  assert.match(await outcome(port, '/payments/1', { host: 'api.test', servername: 'www.test' }), /^421 CS-TLS-012/);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'www.test', rejectUnauthorized: false });
  t.after(() => session.destroy());
  for (const host of ['api.test', 'www.test']) {
    const stream = session.request({ ':path': '/payments/1', ':authority': host });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    assert.equal(headers[':status'], host === 'www.test' ? 200 : 421);
    stream.close();
  }
});

test('who names no host, or one that is not here, learns so by an alert and is told of', async (t) => {
  const { port, refusals } = await running(t, echo);
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'other.test', rejectUnauthorized: false });
  const [error] = (await once(socket, 'error')) as [Error];
  assert.match(error.message, /unrecognized/i);
  const plain = connectTcp(port, '127.0.0.1').end('GET / HTTP/1.1\r\nHost: api.test\r\n\r\n').resume();
  plain.on('error', () => undefined);
  await once(plain, 'close');
  assert.deepEqual(
    refusals.map(({ code, evidence }) => [code, evidence['serverName']]),
    [
      ['CS-GATEWAY-023', 'other.test'],
      ['CS-TLS-010', undefined],
    ],
  );
});

test('a body beyond its bound ends with 413, announced or not', async (t) => {
  let reached = 0;
  const { port } = await running(t, (request, response) => {
    reached += 1;
    request
      .on('error', () => undefined)
      .resume()
      .on('end', () => response.end('taken'));
  });
  assert.equal(
    await outcome(port, '/payments/1', { as: 'acme', method: 'POST', body: Buffer.alloc(1000) }),
    '200 taken',
  );
  assert.equal(
    await outcome(port, '/payments/1', { as: 'acme', method: 'POST', body: Buffer.alloc(1001) }),
    '413 CS-GATEWAY-018',
  );
  assert.equal(reached, 1);
  const session = connectHttp2(`https://127.0.0.1:${port}`, {
    servername: 'api.test',
    rejectUnauthorized: false,
    ...tlsOf('acme'),
  });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/payments/1', ':authority': 'api.test', ':method': 'POST' });
  stream.on('error', () => undefined);
  stream.write(Buffer.alloc(600));
  stream.write(Buffer.alloc(600));
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  assert.equal(headers[':status'], 413);
});

test('a suspended partner loses what is under way and what rests, at once and counted', async (t) => {
  const { gateway, port, upstreamPort, closed, records } = await running(t, (request, response) => {
    if (request.url === '/payments/stream') response.write('first');
    else response.end('done');
  });
  const resting = new Agent({ keepAlive: true });
  const sockets: Socket[] = [];
  resting.on('free', (socket: Socket) => sockets.push(socket));
  assert.equal(await outcome(port, '/payments/1', { as: 'acme', agent: resting }), '200 done');
  const [idle] = sockets;
  assert.ok(idle);
  const answer = await opened(port, '/payments/stream', { as: 'acme' });
  await once(answer, 'data');
  const kept = await opened(port, '/', { host: 'www.test' });
  const closing = (one: Socket | IncomingMessage): Promise<void> =>
    new Promise((resolve) => one.on('error', () => undefined).once('close', () => resolve()));
  const ends = [closing(idle), closing(answer)];
  const applied = gateway.apply(await loaded(text(upstreamPort, { acme: 'suspended' })));
  assert.deepEqual(applied, { generation: 2, endedRequests: 1, closedConnections: 2, waiting: [] });
  await Promise.all(ends);
  assert.equal(answer.complete, false);
  assert.ok(closed.every(({ code }) => code === 'CS-GATEWAY-016'));
  assert.equal(records.find(({ path }) => path === '/payments/stream')?.code, 'CS-GATEWAY-016');
  assert.equal(kept.statusCode, 200);
  kept.resume();
  assert.equal(await outcome(port, '/payments/1', { as: 'acme' }), '403 CS-GATEWAY-016');
});

test('no request fails while configurations are exchanged under load', async (t) => {
  const { gateway, port, upstreamPort } = await running(t, echo);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  t.after(() => agent.destroy());
  const tls = tlsOf('acme');
  let going = true;
  const outcomes = new Map<string, number>();
  const calls = Array.from({ length: 8 }, async () => {
    while (going) {
      const asking = httpsRequest({
        host: '127.0.0.1',
        port,
        path: '/payments/1',
        servername: 'api.test',
        agent,
        headers: { host: 'api.test' },
        rejectUnauthorized: false,
        ...tls,
      }).end();
      const answered = await once(asking, 'response').then(
        (came) =>
          once((came[0] as IncomingMessage).resume(), 'end').then(() =>
            String((came[0] as IncomingMessage).statusCode),
          ),
        (error: unknown) => String(error),
      );
      outcomes.set(answered, (outcomes.get(answered) ?? 0) + 1);
    }
  });
  const route = '  - { name: more, host: api.test, path: /more/, allow: [beta], upstream: plain }';
  for (let times = 0; times < 30; times += 1) {
    gateway.apply(await loaded(text(upstreamPort, times % 2 === 0 ? { routes: route } : {})));
    const { requests } = gateway.counts;
    while (gateway.counts.requests < requests + 20) await new Promise((resolve) => setImmediate(resolve));
  }
  going = false;
  await Promise.all(calls);
  assert.deepEqual([...outcomes.keys()], ['200']);
  assert.equal(gateway.generation, 31);
});

test('a WebSocket is decided on like any other request', async (t) => {
  const { port, records } = await running(t, echo);
  const socket: TLSSocket = connectTls({
    host: '127.0.0.1',
    port,
    servername: 'api.test',
    rejectUnauthorized: false,
    ...tlsOf('beta'),
  });
  await once(socket, 'secureConnect');
  socket.write('GET /payments/ws HTTP/1.1\r\nhost: api.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1.1 403 [^]*CS-GATEWAY-015/);
  assert.equal(records[0]?.decision, 'denied');
  socket.destroy();
});

test('the check listener says why a certificate would be refused, by the trust of the host and the partners of now', async (t) => {
  const { gateway, port, upstreamPort } = await running(t, echo, {
    more: 'check: { port: 0, credential: main, as: api.test }',
  });
  const { port: checkPort } = gateway.checking ?? assert.fail('it does not listen');
  assert.notEqual(checkPort, port);
  const path = '/.well-known/countersign/check';
  const verdict = async (as?: string): Promise<Record<string, unknown>> => {
    const answer = await opened(checkPort, path, as === undefined ? {} : { as });
    let said = '';
    for await (const piece of answer.setEncoding('utf8')) said += String(piece);
    return JSON.parse(said) as Record<string, unknown>;
  };
  assert.deepEqual(await verdict('acme').then(({ accepted, partner }) => [accepted, partner]), [true, 'acme']);
  assert.equal((await verdict())['code'], 'CS-PEER-001');
  assert.equal((await verdict('stranger'))['partner'], undefined);
  gateway.apply(
    await loaded(text(upstreamPort, { acme: 'suspended', more: 'check: { port: 0, credential: main, as: api.test }' })),
  );
  assert.equal((await verdict('acme'))['code'], 'CS-PARTNER-006');
  assert.match(await outcome(checkPort, '/payments/1', { as: 'acme' }), /CS-ACCESS-004/, 'nothing else is there');
});

test('whoever is two partners is nobody', async (t) => {
  const { port, gateway, upstreamPort } = await running(t, echo);
  const two = text(upstreamPort).replace(
    'who: [{ spiffeId: spiffe://' + domain + '/beta }]',
    `who: [{ spiffeId: 'spiffe://${domain}/*' }]`,
  );
  gateway.apply(await loaded(two));
  assert.equal(await outcome(port, '/payments/1', { as: 'acme' }), '403 CS-PARTNER-003');
  assert.equal(await outcome(port, '/watched/1', { as: 'acme' }), '403 CS-PARTNER-003', 'observed or not');
  assert.equal(await outcome(port, '/payments/1', { as: 'other' }), '403 CS-GATEWAY-015');
});
