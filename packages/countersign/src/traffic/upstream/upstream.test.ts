import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type RequestListener } from 'node:http';
import { createServer as createHttp2cServer } from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { manualClock, systemClock } from '../../ground/clock/index.ts';
import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import { anyOf, spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import {
  createHttp2Server,
  createServer as createMutualServer,
  fixedSource,
  MutableSource,
  peerOf,
  Trust,
} from '../../runtime/tls/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import { askedBy, relayRequest, relayUpgrade, wayBackOver } from '../relay/index.ts';
import { createUpstream, type HealthChange, type UpstreamOptions, type UpstreamPool } from './index.ts';

async function listening(t: TestContext, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A target that speaks HTTP. */
const program = (t: TestContext, listener: RequestListener): Promise<number> => listening(t, createServer(listener));

/** A target that says what it likes to each request. */
const raw = (t: TestContext, onRequest: (socket: Socket, nth: number) => void): Promise<number> => {
  let nth = 0;
  return listening(
    t,
    createNetServer((socket) => socket.on('data', () => onRequest(socket, nth++))),
  );
};

interface Relay {
  readonly port: number;
  readonly pool: UpstreamPool;
  readonly refusals: Refusal[];
}

async function relayTo(
  t: TestContext,
  options: Partial<UpstreamOptions> & Pick<UpstreamOptions, 'targets'>,
): Promise<Relay> {
  const pool = createUpstream({ name: 'orders', clock: systemClock, ...options });
  t.after(() => pool.close());
  const refusals: Refusal[] = [];
  const server = createServer((given, response) => {
    const asked = askedBy(given);
    const wayBack = wayBackOver(response);
    const chosen = pool.choose();
    const refuse = (refusal: Refusal, begun = false): void => {
      refusals.push(refusal);
      if (!begun) response.writeHead(refusal.http).end(refusal.code);
    };
    if (isRefusal(chosen) || asked === undefined) {
      refuse(chosen as Refusal);
      return;
    }
    const headers = [['host', 'orders.internal']] as const;
    relayRequest({
      asked,
      wayBack,
      upstream: chosen.target,
      program: chosen.program,
      headers: asked.hasBody ? [...headers, ['x-posted', 'yes']] : headers,
      onUnsayable: () => response.writeHead(400).end(),
      onFailure: (error, begun) => refuse(pool.failureOf(error, chosen), begun),
    });
  });
  server.on('upgrade', (given: IncomingMessage, socket: Socket, head: Buffer) => {
    const chosen = pool.choose();
    if (isRefusal(chosen)) return void socket.destroy();
    const { target: upstream } = chosen;
    relayUpgrade({
      request: given,
      socket,
      head,
      upstream,
      headers: [['host', 'orders.internal']],
      open: () => chosen.open(),
      onAnswer: () => chosen.done('answered'),
      onFailure: (error) => {
        refusals.push(pool.failureOf(error, chosen));
        chosen.done('failed');
      },
    });
  });
  return { port: await listening(t, server), pool, refusals };
}

interface Heard {
  readonly status: number;
  readonly text: string;
  readonly whole: boolean;
}

function ask(port: number, method = 'GET', body?: string): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, method, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('error', () => undefined);
      answer.on('close', () => resolve({ status: answer.statusCode ?? 0, text, whole: answer.complete }));
    });
    asking.on('error', reject).end(body);
  });
}

const http = (port: number): string => `http://127.0.0.1:${port}`;
const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

test('what an upstream does in the place of an answer is named', async (t) => {
  const cases: readonly (readonly [code: string, says: string])[] = [
    ['CS-GATEWAY-034', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\nok'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\nok'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\nx: a\nset-cookie: b\r\ncontent-length: 2\r\n\r\nok'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\nx: a\r\n folded\r\n\r\nok'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\nx : a\r\n\r\nok'],
    ['CS-GATEWAY-034', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['CS-GATEWAY-034', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['CS-GATEWAY-034', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok!\r\n0\r\n\r\n'],
    ['CS-GATEWAY-035', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}\r\n\r\nok`],
    ['CS-GATEWAY-035', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}`],
    ['CS-GATEWAY-036', 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'.repeat(17)],
  ];
  for (const [code, says] of cases) {
    const port = await raw(t, (socket) => socket.write(says, 'latin1'));
    const relay = await relayTo(t, { targets: [http(port)], retries: false });
    const { status, whole } = await ask(relay.port);
    assert.deepEqual([relay.refusals[0]?.code, status === 502 || !whole], [code, true], says.slice(0, 80));
  }
});

test('an answer is read alike however it comes in pieces', async (t) => {
  const answer =
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nok\r\nA\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n';
  const port = await raw(t, (socket, nth) => {
    const at = (nth * 3) % answer.length;
    socket.setNoDelay(true);
    socket.write(answer.slice(0, at), 'latin1', () => setImmediate(() => socket.write(answer.slice(at), 'latin1')));
  });
  const { port: relay, pool } = await relayTo(t, { targets: [http(port)] });
  for (let at = 0; at < answer.length; at += 3)
    assert.deepEqual(await ask(relay), { status: 200, text: 'ok0123456789', whole: true }, String(at));
  assert.deepEqual(pool.figures()[0]?.underWay, 0);
});

test('an answer that is shorter than it says does not look whole; one that is longer is the last on its connection', async (t) => {
  const short = await raw(t, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst'));
  const cut = await relayTo(t, { targets: [http(short)] });
  assert.deepEqual(await ask(cut.port), { status: 200, text: 'first', whole: false });
  assert.equal(cut.refusals[0]?.code, 'CS-GATEWAY-033');
  const connections = new Set<Socket>();
  const long = await raw(t, (socket) => {
    connections.add(socket);
    socket.write(`${ok}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged`);
  });
  const relay = await relayTo(t, { targets: [http(long)] });
  for (let nth = 0; nth < 3; nth += 1) assert.equal((await ask(relay.port)).text, 'ok');
  assert.equal(connections.size, 3);
});

test('what comes on a connection that nobody asked on is no answer to the next request', async (t) => {
  const closed = Promise.withResolvers<undefined>();
  const port = await raw(t, (socket, nth) => {
    socket.write(ok);
    if (nth > 0) return;
    socket.on('close', () => closed.resolve(undefined));
    setImmediate(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged'));
  });
  const relay = await relayTo(t, { targets: [http(port)] });
  assert.equal((await ask(relay.port)).text, 'ok');
  await closed.promise;
  assert.equal((await ask(relay.port)).text, 'ok');
});

test('an upstream that hangs has its time, and no more', async (t) => {
  const clock = manualClock(0);
  const asked = Promise.withResolvers<undefined>();
  const port = await raw(t, () => asked.resolve(undefined));
  const relay = await relayTo(t, { targets: [http(port)], clock, answerMs: 2000 });
  const heard = ask(relay.port);
  await asked.promise;
  clock.advance(1900);
  assert.equal(relay.refusals.length, 0);
  clock.advance(400);
  assert.deepEqual((await heard).status, 504);
  assert.equal(relay.refusals[0]?.code, 'CS-GATEWAY-031');
});

test('an answer that stalls is broken off', async (t) => {
  const clock = manualClock(0);
  const port = await raw(t, (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst'));
  const relay = await relayTo(t, { targets: [http(port)], clock, stallMs: 2000 });
  const asking = request({ host: '127.0.0.1', port: relay.port, agent: false }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  await once(answer, 'data');
  clock.advance(2300);
  await new Promise((resolve) => answer.on('close', resolve).resume());
  assert.equal(answer.complete, false);
  assert.equal(relay.refusals[0]?.code, 'CS-GATEWAY-042');
});

test('a request without a body is tried once more where that is safe; one with a body, or without a safe method, is not', async (t) => {
  const bad = await raw(t, (socket) => socket.destroy());
  const good = await program(t, (_, response) => response.end('good'));
  const relay = await relayTo(t, {
    targets: [http(bad), http(good)],
    balance: 'round-robin',
    health: { passive: { failures: 100 } },
  });
  for (let nth = 0; nth < 6; nth += 1) assert.equal((await ask(relay.port)).text, 'good');
  const posts = [await ask(relay.port, 'POST', 'x'), await ask(relay.port, 'POST', 'x')];
  assert.deepEqual(posts.map(({ status }) => status).sort(), [200, 502]);
  const puts = [await ask(relay.port, 'PUT', 'x'), await ask(relay.port, 'PUT', 'x')];
  assert.deepEqual(puts.map(({ status }) => status).sort(), [200, 502]);
  assert.deepEqual(new Set(relay.refusals.map(({ code }) => code)), new Set(['CS-GATEWAY-032']));
});

test('what reached nobody is tried again whatever its method is', async (t) => {
  const gone = createNetServer();
  const closed = await listening(t, gone);
  gone.close();
  const good = await program(t, (_, response) => response.end('good'));
  const relay = await relayTo(t, { targets: [http(closed), http(good)] });
  for (let nth = 0; nth < 4; nth += 1) assert.equal((await ask(relay.port, 'POST')).text, 'good');
});

test('a target that fails is out for a while, the last one never; it comes back with a smaller share', async (t) => {
  const clock = manualClock(0);
  let broken = true;
  let moody = 0;
  const one = await program(t, (_, response) => {
    moody += 1;
    if (broken) response.destroy();
    else response.end('one');
  });
  let steady = 0;
  const two = await program(t, (_, response) => {
    steady += 1;
    response.end('two');
  });
  const changes: HealthChange[] = [];
  const relay = await relayTo(t, {
    targets: [http(one), http(two)],
    clock,
    balance: 'round-robin',
    slowStartMs: 10_000,
    health: { passive: { failures: 2, withinMs: 60_000, outMs: 1000 } },
    onHealth: (change) => changes.push(change),
  });
  for (let nth = 0; nth < 10; nth += 1) assert.equal((await ask(relay.port)).text, 'two');
  assert.equal(moody, 2);
  assert.deepEqual(
    changes.map(({ isWell, because }) => [isWell, because]),
    [[false, 'failures']],
  );
  broken = false;
  clock.advance(1000);
  [moody, steady] = [0, 0];
  for (let nth = 0; nth < 22; nth += 1) await ask(relay.port);
  assert.deepEqual([moody, steady], [2, 20]);
  clock.advance(10_000);
  [moody, steady] = [0, 0];
  for (let nth = 0; nth < 10; nth += 1) await ask(relay.port);
  assert.deepEqual([moody, steady], [5, 5]);
});

test('an upstream that fails in a row is spared, and one request decides when it is over', async (t) => {
  const clock = manualClock(0);
  let broken = true;
  let seen = 0;
  const port = await program(t, (_, response) => {
    seen += 1;
    if (broken) response.destroy();
    else response.end('ok');
  });
  const relay = await relayTo(t, {
    targets: [http(port)],
    clock,
    retries: false,
    circuitBreaker: { openAfter: 3, openMs: 1000 },
  });
  for (let nth = 0; nth < 3; nth += 1) assert.equal((await ask(relay.port)).text, 'CS-GATEWAY-032');
  assert.equal((await ask(relay.port)).text, 'CS-GATEWAY-039');
  clock.advance(1000);
  assert.equal((await ask(relay.port)).text, 'CS-GATEWAY-032');
  assert.equal((await ask(relay.port)).text, 'CS-GATEWAY-039');
  assert.equal(seen, 4);
  broken = false;
  clock.advance(1000);
  for (let nth = 0; nth < 3; nth += 1) assert.equal((await ask(relay.port)).text, 'ok');
});

test('more than an upstream may have under way is not sent; a caller who goes away makes room', async (t) => {
  const [arrived, left] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  let seen = 0;
  const port = await program(t, (_, response) => {
    seen += 1;
    if (seen > 1) return void response.end('ok');
    response.on('close', () => left.resolve(undefined));
    arrived.resolve(undefined);
  });
  const relay = await relayTo(t, { targets: [http(port)], circuitBreaker: { mostPending: 1 } });
  const gone = request({ host: '127.0.0.1', port: relay.port, agent: false }).on('error', () => undefined);
  gone.end();
  await arrived.promise;
  assert.deepEqual((await ask(relay.port)).text, 'CS-GATEWAY-038');
  gone.destroy();
  await left.promise;
  assert.deepEqual((await ask(relay.port)).text, 'ok');
});

test('a target that fails its check gets no requests until it passes again; where none passes, a code says so', async (t) => {
  const clock = manualClock(0);
  let status = 500;
  let checked = Promise.withResolvers<undefined>();
  const port = await program(t, (asked, response) => {
    if (asked.url === '/health') response.writeHead(status).end(() => setImmediate(() => checked.resolve(undefined)));
    else response.end('ok');
  });
  const changed: ((change: HealthChange) => void)[] = [];
  const nextChange = (): Promise<HealthChange> => new Promise((resolve) => changed.push(resolve));
  const first = nextChange();
  const relay = await relayTo(t, {
    targets: [http(port)],
    clock,
    health: { active: { path: '/health', everyMs: 1000, healthyAfter: 2 } },
    onHealth: (change) => changed.shift()?.(change),
  });
  assert.equal((await first).isWell, false);
  assert.equal((await ask(relay.port)).text, 'CS-GATEWAY-037');
  status = 204;
  const second = nextChange();
  let well = false;
  void second.then(() => (well = true));
  while (!well) {
    checked = Promise.withResolvers<undefined>();
    clock.advance(1000);
    await Promise.race([checked.promise, second]);
    await new Promise(setImmediate);
  }
  assert.deepEqual(await second, { upstream: 'orders', target: http(port), isWell: true, because: 'health check' });
  assert.equal((await ask(relay.port)).text, 'ok');
});

const authority = new TestAuthority();
const trust = new Trust({
  bundles: fixedSource(authority.bundles()),
  revocations: fixedSource(withoutRevocation),
  clock: systemClock,
});
const idOf = (name: string): string => `spiffe://${authority.trustDomain}/${name}`;

test('targets are authenticated and see the identity of the gateway, the new one after a rotation', async (t) => {
  const server = createMutualServer(
    anyOf(spiffeId(idOf('gateway')), spiffeId(idOf('renewed'))),
    { trust, clock: systemClock, credentials: fixedSource(authority.issue('orders')) },
    (asked, response) => response.end(peerOf(asked).spiffeId),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const credentials = new MutableSource(authority.issue('gateway'));
  const tls = { trust, credentials, policy: spiffeId(idOf('orders')) };
  const relay = await relayTo(t, { targets: [`https://127.0.0.1:${port}`], tls });
  assert.equal((await ask(relay.port)).text, idOf('gateway'));
  credentials.set(authority.issue('renewed'));
  assert.equal((await ask(relay.port)).text, idOf('renewed'));
  const stranger = await relayTo(t, {
    targets: [`https://127.0.0.1:${port}`],
    tls: { ...tls, policy: spiffeId(idOf('billing')) },
  });
  assert.equal((await ask(stranger.port)).text, 'CS-GATEWAY-041');
});

test('targets may speak HTTP/2, without TLS and with it', async (t) => {
  const plain = createHttp2cServer((asked, response) => asked.pipe(response));
  const h2c = await relayTo(t, { targets: [`h2c://127.0.0.1:${await listening(t, plain)}`] });
  assert.deepEqual(await ask(h2c.port, 'POST', 'body'), { status: 200, text: 'body', whole: true });
  const server = createHttp2Server(
    spiffeId(idOf('gateway')),
    { trust, clock: systemClock, credentials: fixedSource(authority.issue('orders')) },
    (asked, response) => asked.pipe(response as NodeJS.WritableStream),
  );
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const tls = { trust, credentials: fixedSource(authority.issue('gateway')), policy: spiffeId(idOf('orders')) };
  const h2 = await relayTo(t, { targets: [`h2://127.0.0.1:${port}`], tls });
  assert.deepEqual(await ask(h2.port, 'POST', 'body'), { status: 200, text: 'body', whole: true });
  assert.deepEqual(await ask(h2.port), { status: 200, text: '', whole: true });
});

test('a WebSocket goes to a target, and one that can not be reached is counted', async (t) => {
  const server = createServer();
  server.on('upgrade', (_: unknown, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  const relay = await relayTo(t, { targets: [http(await listening(t, server))] });
  const asking = request({
    host: '127.0.0.1',
    port: relay.port,
    headers: { connection: 'upgrade', upgrade: 'echo' },
  }).end();
  const [, socket] = (await once(asking, 'upgrade')) as [IncomingMessage, Socket];
  socket.write('hello');
  assert.equal(String((await once(socket, 'data'))[0]), 'hello');
  socket.destroy();
  assert.deepEqual([relay.pool.figures()[0]?.underWay, relay.pool.figures()[0]?.requests], [0, 1]);
});

test('a target is a scheme, a host and a port', () => {
  for (const url of ['orders:8080', 'http://a/path', 'http://u:p@a', 'ftp://a', 'http://a?b', 'http://'])
    assert.throws(() => createUpstream({ name: 'x', clock: systemClock, targets: [url] }), TypeError, url);
  assert.throws(() => createUpstream({ name: 'x', clock: systemClock, targets: ['https://a'] }), /no tls/);
});
