/** Class I. Callers of HTTP/2 who open streams and have them reset, by the hundred: they lose the session, their next ones sooner, and others lose nothing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { test, type TestContext } from 'node:test';
import { exposition, Metrics } from '../../packages/countersign/src/runtime/telemetry/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { startGateway } from '../gateway/running-gateway.ts';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { presented } from '../fixtures/presented.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const [acme, beta] = ['acme', 'beta'].map((name) => presented(authority.issue(name)));
const [headers, priority, resetStream, settings, ping, windowUpdate] = [1, 2, 3, 4, 6, 8];
const [enhanceYourCalm, protocolError, flowControlError, cancel] = [11, 1, 3, 8];

interface Served extends OpenGateway {
  /** Requests that the service saw. */
  readonly reached: () => number;
}

async function start(t: TestContext): Promise<Served> {
  let reached = 0;
  const service = createServer((request, response) => {
    reached += 1;
    if (request.url !== '/slow') response.end('done');
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  t.after(() => {
    service.closeAllConnections();
    service.close();
  });
  const { port } = service.address() as AddressInfo;
  const running = await startGateway(t, {
    authorities: [authority],
    credentials: { main: authority.issue('gateway', { names: { dns: ['api.test'] } }) },
    rest: `hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes: [{ name: all, host: api.test, path: /, allow: ['spiffe://${domain}/**'], upstream: one }]
upstreams: { one: { targets: ['http://127.0.0.1:${String(port)}'], retries: false } }
`,
  });
  return { ...running, reached: () => reached };
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

const number = (value: number): Buffer => Buffer.of(0, 0, 0, value);
const octets = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);

/** GET / (RFC 7541, A), without the end of its headers' stream where more is to be said on it. */
function get(stream: number, { host = 'api.test', ends = true } = {}): Buffer {
  const block = Buffer.concat([Buffer.of(0x82, 0x87, 0x04), octets('/'), Buffer.of(0x01), octets(host)]);
  return frame(headers, ends ? 5 : 4, stream, block);
}

const many = (count: number, make: (stream: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => make(2 * at + 1)));

/** What the session was told to go with, when it is over. */
async function attack(t: TestContext, port: number, frames: Buffer): Promise<number | undefined> {
  const socket = connect({
    ...{ host: '127.0.0.1', port, servername: 'api.test', ALPNProtocols: ['h2'], rejectUnauthorized: false },
    ...acme,
  });
  const received: Buffer[] = [];
  socket.on('error', () => undefined).on('data', (part: Buffer) => received.push(part));
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  const closed = once(socket, 'close');
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(settings, 0, 0), frames]));
  await closed;
  for (let rest = Buffer.concat(received); rest.length >= 17; rest = rest.subarray(9 + rest.readUIntBE(0, 3)))
    if (rest[3] === 7) return rest.readUInt32BE(13);
  return undefined;
}

function sessionOf(t: TestContext, port: number, own: typeof acme): ReturnType<typeof connectHttp2> {
  const session = connectHttp2(`https://127.0.0.1:${String(port)}`, {
    ...{ servername: 'api.test', rejectUnauthorized: false },
    ...own,
  });
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  return session;
}

async function answered(session: ReturnType<typeof connectHttp2>): Promise<string> {
  let text = '';
  for await (const part of session.request({ ':path': '/', ':authority': 'api.test' })) text += String(part);
  return text;
}

const floods: Readonly<Record<string, Buffer>> = {
  'opened and reset': many(4_000, (at) => Buffer.concat([get(at), frame(resetStream, 0, at, number(cancel))])),
  'opened in tens and reset': many(400, (at) => {
    const ten = Array.from({ length: 10 }, (_, one) => 10 * (at - 1) + 2 * one + 1);
    const resets = ten.map((one) => frame(resetStream, 0, one, number(cancel)));
    return Buffer.concat([...ten.map((one) => get(one)), ...resets]);
  }),
  'for another host, and reset by a code that is an error': many(4_000, (at) =>
    Buffer.concat([get(at, { host: 'b.test' }), frame(resetStream, 0, at, number(protocolError))]),
  ),
};

for (const [what, frames] of Object.entries(floods)) {
  test(`streams ${what} end the session, and the caller's next one at once`, async (t) => {
    const { port, refusals, records, reached } = await start(t);
    const other = sessionOf(t, port, beta);
    assert.equal(await answered(other), 'done');
    const attacking = attack(t, port, frames);
    assert.equal(await answered(other), 'done');
    assert.equal(await attacking, enhanceYourCalm);
    const told = (): Record<string, unknown>[] =>
      refusals.filter(({ code }) => code === 'CS-TLS-020').map(({ evidence }) => evidence);
    const [first] = told();
    assert.equal(told().length, 1);
    assert.equal(first?.['peer'], `spiffe://${domain}/acme`);
    const streams = Number(first['streams']);
    assert.ok(streams > 250 && streams < 600, `${String(streams)} streams`);
    // Two of them the other's; of each turn a few begin.
    assert.ok(reached() < 100, `${String(reached())} reached the service`);
    const before = records.length;
    await attack(t, port, frames);
    const again = Number(told()[1]?.['streams']);
    // What was forgiven meanwhile is paid for by the second.
    assert.ok(again < streams, `${String(again)} streams`);
    assert.ok(records.length - before < 300, 'no line for each stream');
    assert.equal(await answered(sessionOf(t, port, beta)), 'done');
  });
}

test('each session that is ended for them is counted by its code', async (t) => {
  const { port, gateway } = await start(t);
  const metrics = new Metrics();
  gateway.observe(metrics);
  for (const _ of [1, 2]) await attack(t, port, floods['opened and reset'] ?? assert.fail());
  const { text } = exposition(await metrics.read(), undefined);
  assert.match(text, /^countersign_gateway_connections_ended_total\{decision="refused",code="CS-TLS-020"\} 2$/m);
});

test('who gives up a hundred requests at once keeps the session', async (t) => {
  const { port, refusals } = await start(t);
  const session = sessionOf(t, port, acme);
  const asked = Array.from({ length: 100 }, () => session.request({ ':path': '/slow', ':authority': 'api.test' }));
  const closed = asked.map((one) => once(one, 'close'));
  for (const one of asked) one.close(cancel);
  await Promise.all(closed);
  assert.equal(await answered(session), 'done');
  assert.deepEqual(refusals, []);
});

for (const [what, one] of [
  ['priorities', frame(priority, 0, 3, Buffer.of(0, 0, 0, 1, 7))],
  ['windows', frame(windowUpdate, 0, 0, number(1))],
  ['settings', frame(settings, 0, 0, Buffer.of(0, 4, 0, 0, 0xff, 0xff))],
  ['pings', frame(ping, 0, 0, Buffer.alloc(8))],
] as const) {
  test(`others are served while somebody sends ${what} without end`, async (t) => {
    const { port } = await start(t);
    const other = sessionOf(t, port, beta);
    assert.equal(await answered(other), 'done');
    // At its end a frame that ends the session.
    const attacking = attack(t, port, Buffer.concat([...Array.from({ length: 20_000 }, () => one), frame(ping, 0, 0)]));
    assert.equal(await answered(other), 'done');
    assert.notEqual(await attacking, 0);
    assert.equal(await answered(other), 'done');
  });
}

test('a stream that is broken so that the server resets it ends the session by itself', async (t) => {
  const { port, reached } = await start(t);
  const other = sessionOf(t, port, beta);
  assert.equal(await answered(other), 'done');
  // A window that overflows (CVE-2025-8671): nghttp2 takes it for an error of the connection.
  const broken = many(4_000, (at) =>
    Buffer.concat([get(at, { ends: false }), frame(windowUpdate, 0, at, Buffer.of(0x7f, 0xff, 0xff, 0xff))]),
  );
  assert.equal(await attack(t, port, broken), flowControlError);
  assert.equal(await answered(other), 'done');
  assert.ok(reached() < 100, `${String(reached())} reached the service`);
});
