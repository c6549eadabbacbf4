/**
 * Classes C and I, in the gateway itself: what it asks before a request goes on (tokens, limits), what makes the identity that is sent on, and who is told of it
 * (log, evidence) throws or rejects, at once or in a later turn. The request is refused with a code, nothing of it reaches the service, and the process goes on.
 * Stands for: Node CVE-2026-21637 (a callback that throws ends the process); Tomcat CVE-2026-29145 (a check that fails counts as passed).
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import type { GatewayOptions } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { presented } from '../fixtures/presented.ts';
import { requestIn } from './http2-request.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const [gateway, web] = [authority.issue('gateway'), presented(authority.issue('web'))];

interface Place extends OpenGateway {
  readonly reached: string[];
}

async function started(t: TestContext, more: Partial<GatewayOptions> = {}): Promise<Place> {
  const reached: string[] = [];
  const service = createServer(({ url = '' }, response) => {
    reached.push(url);
    response.end('served');
  }).listen(0, '127.0.0.1');
  service.on('upgrade', ({ url = '' }, socket) => {
    reached.push(url);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
  });
  await once(service, 'listening');
  t.after(() => {
    service.closeAllConnections();
    service.close();
  });
  const running = await startGateway(t, {
    authorities: [authority],
    credentials: { main: gateway },
    more,
    rest: `hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: api.test, path: /, allow: ['spiffe://${domain}/**'], upstream: behind }]
upstreams: { behind: { targets: ['http://127.0.0.1:${(service.address() as AddressInfo).port}'] } }
`,
  });
  return { ...running, reached };
}

async function overHttp1({ port }: Place, more = 'Connection: close'): Promise<string> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'api.test', rejectUnauthorized: false, ...web });
  let seen = '';
  socket.on('data', (octets: Buffer) => (seen += octets.toString())).on('error', () => undefined);
  socket.write(`GET /attack HTTP/1.1\r\nHost: api.test\r\n${more}\r\n\r\n`);
  await new Promise((resolve) => socket.once('close', resolve));
  return said(/^HTTP\/1\.1 (\d+)/.exec(seen)?.[1], seen);
}

/** Many at once on one session, so that some of them wait for a later turn. */
async function overHttp2({ port }: Place, requests: number): Promise<readonly string[]> {
  const where = { servername: 'api.test', rejectUnauthorized: false, ...web };
  const session = connectHttp2(`https://127.0.0.1:${port}`, where);
  session.on('error', () => undefined);
  const answers = Array.from({ length: requests }, async () => {
    const stream = requestIn(session, { ':authority': 'api.test', ':path': '/attack' });
    let status: number | undefined;
    let body = '';
    stream.on('response', (headers) => (status = headers[':status']));
    stream.setEncoding('utf8').on('data', (text: string) => (body += text));
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('close', resolve));
    return said(String(status), body);
  });
  const all = await Promise.all(answers);
  session.destroy();
  return all;
}

function said(status: string | undefined, text: string): string {
  return `${status ?? 'nothing'} ${/CS-[A-Z]+-\d+/.exec(text)?.[0] ?? (text.includes('served') ? 'served' : '')}`;
}

const throws = (): never => {
  throw new Error('it broke');
};
const rejects = (): Promise<never> => Promise.reject(new Error('it broke later'));
const failures = { throws, rejects, 'rejects in a later turn': () => new Promise(setImmediate).then(throws) };
const upgrade = 'Connection: upgrade\r\nUpgrade: x';

/** Whatever is tried, by each way that a request comes. */
async function everyWay(at: Place): Promise<readonly string[]> {
  return [await overHttp1(at), await overHttp1(at, upgrade), ...(await overHttp2(at, 24))];
}

async function assertNothingGotThrough(at: Place, what: string): Promise<void> {
  const answers = await everyWay(at);
  assert.deepEqual([...new Set(answers)], ['500 CS-GATEWAY-099'], what);
  assert.deepEqual(at.reached, [], what);
  assert.equal(at.records.length, answers.length, `${what}: each is in the log once`);
  assert.deepEqual(
    [...new Set(at.records.map(({ code, status }) => `${code ?? ''} ${status ?? ''}`))],
    ['CS-GATEWAY-099 500'],
    what,
  );
  assert.equal(at.gateway.underWay, 0, what);
}

for (const [how, ask] of Object.entries(failures))
  test(`what a route asks beyond who may call ${how}: nobody is let through, and the next is served`, async (t) => {
    const at = await started(t);
    const { configuration } = at.gateway;
    const demands = t.mock.method(at.gateway.limits, 'demandsOf', () => [{ ask }]);
    at.gateway.apply(configuration);
    await assertNothingGotThrough(at, how);
    assert.ok(at.records.every(({ decision }) => decision === 'denied'));
    demands.mock.restore();
    at.gateway.apply(configuration);
    assert.equal(await overHttp1(at), '200 served');
  });

test('who is asked again after another configuration came, and then fails, is not let through either', async (t) => {
  const at = await started(t);
  const { configuration } = at.gateway;
  let goOn: () => void = () => undefined;
  const waiting = new Promise<undefined>((resolve) => (goOn = () => resolve(undefined)));
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const demands = t.mock.method(at.gateway.limits, 'demandsOf', () => [{ ask: () => (asked(), waiting) }]);
  at.gateway.apply(configuration);
  const answer = overHttp1(at);
  await isAsked;
  demands.mock.mockImplementation(() => [{ ask: throws }]);
  at.gateway.apply(configuration);
  goOn();
  assert.equal(await answer, '500 CS-GATEWAY-099');
  assert.deepEqual(at.reached, []);
});

test('an identity that can not be made is not left out: nothing is sent on', async (t) => {
  await assertNothingGotThrough(await started(t, { headersFor: throws }), 'at once');
  const later = await started(t, { headersFor: throws });
  t.mock.method(later.gateway.limits, 'demandsOf', () => [{ ask: () => new Promise(setImmediate) }]);
  later.gateway.apply(later.gateway.configuration);
  await assertNothingGotThrough(later, 'after a demand that was waited for');
});

test('a log, an evidence and listeners that fail end nothing and hide nothing', async (t) => {
  const warned = t.mock.method(process, 'emitWarning', () => undefined);
  for (const fails of [throws, rejects]) {
    const listeners = { onAccess: fails, onClosed: fails, onWarning: fails } as object as Partial<GatewayOptions>;
    const at = await started(t, listeners);
    for (const answer of await everyWay(at)) assert.match(answer, /^(?:200 served|101 )$/);
    assert.equal(at.refusals.length, 26, 'one for each that the log did not take');
    for (const { code, evidence } of at.refusals) {
      assert.equal(code, 'CS-GATEWAY-099');
      assert.equal(evidence['part'], 'onAccess');
    }
    const deaf = await started(t, { ...listeners, ...({ onRefusal: fails } as object) });
    assert.equal(await overHttp1(deaf), '200 served');
    assert.ok(warned.mock.callCount() > 0);
  }
  const at = await started(t);
  t.mock.method(at.gateway.evidence, 'add', throws);
  assert.equal(await overHttp1(at), '200 served');
  assert.deepEqual(
    at.refusals.map(({ evidence }) => evidence['part']),
    ['evidence'],
  );
  assert.equal(at.records.length, 1, 'the log has it all the same');
});
