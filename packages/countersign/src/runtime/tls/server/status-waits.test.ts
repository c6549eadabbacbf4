/** Servers that have to fetch a new peer's status: it waits, with nothing handed on, within the time of a handshake, and nobody else waits with it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectTcp, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { systemClock } from '../../../ground/clock/index.ts';
import type { Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import {
  goodForEver,
  notKnown,
  revokedByList,
  TestAuthority,
  type Told,
  ToldCheck,
} from '../../../surfaces/testing/index.ts';
import { contextOptions } from '../context/context-options.ts';
import {
  armServer,
  connectHttp2,
  createHttp2Server,
  createServer,
  createTlsServer,
  type Credential,
  fixedSource,
  type MutualTlsServer,
  peerOf,
  type ServerOptions,
  Trust,
} from '../index.ts';

const authority = new TestAuthority();
const clock = systemClock;
const web = authority.issue('web');

/** Nothing is known of `names` until `answer` is called. */
class LateCheck extends ToldCheck {
  readonly begun: PromiseWithResolvers<undefined> = Promise.withResolvers();
  readonly signals: AbortSignal[] = [];
  readonly #answered = Promise.withResolvers<undefined>();

  constructor(names: readonly string[]) {
    const of = (name: string | undefined): boolean => names.some((one) => name?.endsWith(`/${one}`));
    super(({ path }) => (of(path.certificates[0]?.subjectAltName.uri[0]) ? notKnown : goodForEver));
    this.fetching = (_question, signal) => {
      this.signals.push(signal);
      this.begun.resolve(undefined);
      return this.#answered.promise;
    };
  }

  answer(told: Told): void {
    this.tell(told);
    this.#answered.resolve(undefined);
  }
}

interface Served {
  readonly port: number;
  readonly trust: Trust;
  readonly check: LateCheck;
  readonly admitted: string[];
  readonly refusals: Refusal[];
  readonly server: MutualTlsServer;
}

type Make = (options: ServerOptions) => MutualTlsServer;

const http1: Make = (options) =>
  createServer(allowAnyPeer(), options, (asked, response) => {
    asked.resume().on('end', () => response.end(peerOf(asked).name));
  });

async function serve(
  t: TestContext,
  make: Make,
  more: Partial<ServerOptions> = {},
  undetermined?: 'letInUnlessKnownRevoked',
): Promise<Served> {
  const [admitted, refusals]: [string[], Refusal[]] = [[], []];
  const check = new LateCheck(['web']);
  const trust = new Trust({
    bundles: fixedSource(authority.bundles()),
    revocations: fixedSource(withoutRevocation),
    clock,
    statusChecks: [check],
    ...(undetermined === undefined ? {} : { undetermined }),
  });
  const server = make({
    trust,
    credentials: fixedSource(authority.issue('orders')),
    clock,
    onAdmitted: (_remote, peer) => admitted.push(peer?.name ?? 'nobody'),
    onRefusal: (refusal) => refusals.push(refusal),
    onClosed: () => undefined,
    ...more,
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, trust, check, admitted, refusals, server };
}

function dial(t: TestContext, port: number, credential: Credential, tcp?: Socket): TLSSocket {
  const input = { credential, bundles: authority.bundles(), minVersion: 'TLSv1.3' } as const;
  const socket = connect({
    ...contextOptions(input),
    ...(tcp === undefined ? { host: '127.0.0.1', port } : { socket: tcp }),
    checkServerIdentity: () => undefined,
  });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return socket;
}

async function textOf(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  await once(socket, 'close');
  return text;
}

const request = 'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 200000\r\n\r\n';
const body = 'x'.repeat(200_000);

test('what was sent early waits unread, and is served whole when the answer is good', async (t) => {
  const { port, check, admitted, trust } = await serve(t, http1);
  const socket = dial(t, port, web);
  socket.write(request + body);
  await check.begun.promise;
  const other = dial(t, port, authority.issue('cron'));
  other.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await textOf(other), /200 OK[^]*\/cron$/, 'others are served meanwhile');
  assert.deepEqual(admitted, ['spiffe://test.internal/cron']);
  assert.deepEqual(trust.connections.ofIdentity('spiffe://test.internal/web'), []);
  check.answer(() => goodForEver);
  assert.match(await textOf(socket), /200 OK[^]*\/web$/);
  assert.equal(check.fetched, 1);
});

test('over HTTP/2, in bytes, and behind an armed server as well', async (t) => {
  const h2 = await serve(t, (options) =>
    createHttp2Server(allowAnyPeer(), options, (asked, response) => response.end(peerOf(asked).name)),
  );
  const opening = connectHttp2(
    allowAnyPeer(),
    { trust: plainTrust(), credentials: fixedSource(web), clock },
    { host: '127.0.0.1', port: h2.port },
  );
  await h2.check.begun.promise;
  const { session } = await opening;
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.end('x'.repeat(20_000));
  stream.resume();
  h2.check.answer(() => goodForEver);
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  assert.equal(headers[':status'], 200);

  const bytes = await serve(t, (options) =>
    createTlsServer(allowAnyPeer(), options, ({ socket, peer }) => {
      socket.once('data', (heard: Buffer) => socket.end(`${peer.name} said ${heard.toString()}`));
    }),
  );
  const socket = dial(t, bytes.port, web);
  socket.write('hello');
  await bytes.check.begun.promise;
  bytes.check.answer(() => goodForEver);
  assert.equal(await textOf(socket), 'spiffe://test.internal/web said hello');
});

test('armed servers wait, too', async (t) => {
  for (const node of [
    createHttpsServer((asked, response) => response.end(peerOf(asked).name)),
    createSecureServer({ allowHTTP1: true }, (asked, response) => response.end(peerOf(asked).name)),
  ]) {
    const check = new LateCheck(['web']);
    armServer(allowAnyPeer(), node, {
      trust: plainTrust([check]),
      credentials: fixedSource(authority.issue('orders')),
      clock,
    });
    node.listen(0, '127.0.0.1');
    t.after(() => node.close());
    await once(node, 'listening');
    const socket = dial(t, (node.address() as AddressInfo).port, web);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await check.begun.promise;
    check.answer(() => goodForEver);
    assert.match(await textOf(socket), /200 OK[^]*\/web/);
  }
});

function plainTrust(statusChecks: readonly ToldCheck[] = []): Trust {
  const [bundles, revocations] = [fixedSource(authority.bundles()), fixedSource(withoutRevocation)];
  return new Trust({ bundles, revocations, clock, statusChecks });
}

test('an answer that says revoked, or none that can be had, is told to the client with its code', async (t) => {
  const says: readonly (readonly [Told, string])[] = [
    [({ path }) => revokedByList(path.certificates[0]?.serialNumber ?? ''), 'CS-PEER-008'],
    [() => notKnown, 'CS-PEER-021'],
  ];
  for (const [told, code] of says) {
    const { port, check, refusals, admitted } = await serve(t, http1);
    const socket = dial(t, port, web);
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await check.begun.promise;
    check.answer(told);
    assert.match(await textOf(socket), new RegExp(`^HTTP/1.1 403 [^]*${code}`));
    assert.deepEqual([refusals.map((refusal) => refusal.code), admitted], [[code], []]);
  }
});

test('the time of a handshake bounds it: then what is known decides, hard or soft', async (t) => {
  const hard = await serve(t, http1, { handshakeTimeoutMs: 300 });
  const socket = dial(t, hard.port, web);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(await textOf(socket), /^HTTP\/1.1 403 [^]*CS-PEER-021/);
  assert.ok(hard.check.signals[0]?.aborted);
  assert.deepEqual(
    hard.refusals.map(({ code }) => code),
    ['CS-PEER-021'],
  );
  const soft = await serve(t, http1, { handshakeTimeoutMs: 300 }, 'letInUnlessKnownRevoked');
  const second = dial(t, soft.port, web);
  second.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  assert.match(await textOf(second), /200 OK[^]*\/web$/);
});

test('a client that breaks off while it waits leaves nothing behind', async (t) => {
  const { port, check, refusals, trust, server } = await serve(t, http1);
  const tcp = connectTcp(port, '127.0.0.1');
  dial(t, port, web, tcp);
  await check.begun.promise;
  tcp.resetAndDestroy();
  await once(check.signals[0] as AbortSignal, 'abort');
  while (refusals.length === 0 || server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-TLS-017'],
  );
  check.answer(() => goodForEver);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(trust.connections.size, 0);
});

test('a server that closes does not wait for those that wait', async (t) => {
  const { port, check, server, admitted } = await serve(t, http1);
  const socket = dial(t, port, web);
  const closed = once(socket, 'close');
  await check.begun.promise;
  await Promise.all([server.close({ graceMs: 60_000 }), closed]);
  assert.deepEqual(admitted, []);
});

test('of those that wait the oldest makes room, as in a handshake', async (t) => {
  const crowd = { most: 100, mostUnverified: 2, mostUnverifiedOfOneAddress: 2 };
  const { port, check, refusals } = await serve(t, http1, { crowd });
  const first = dial(t, port, web);
  const closed = once(first, 'close');
  await check.begun.promise;
  dial(t, port, web);
  dial(t, port, web);
  await closed;
  assert.deepEqual(
    refusals.map(({ code }) => code),
    ['CS-TLS-009'],
    'told once',
  );
});

test('many wait at once for one answer, and nobody is stalled by its coming', async (t) => {
  const count = 60;
  const { port, check, admitted, trust } = await serve(t, http1);
  const sockets = Array.from({ length: count }, () => dial(t, port, web));
  while (check.fetched < count) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(trust.connections.size, 0);
  check.answer(() => goodForEver);
  while (admitted.length < count) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(trust.connections.size, count);
  for (const socket of sockets) socket.destroy();
  while (trust.connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
});
