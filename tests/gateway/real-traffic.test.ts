/** Traffic as services have it, through a running gateway: WebSockets, gRPC, events, large bodies, answers without one, callers who go away. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { credentials as grpcCredentials, Client, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { WebSocket, WebSocketServer } from 'ws';
import { manualClock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { Metrics } from '../../packages/countersign/src/runtime/telemetry/index.ts';
import { openAdmin, viewOf } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { everywhere } from '../bypass/share.ts';
import { type Behind, caller, gatewayBefore, rawUpstream } from './raw-upstream.ts';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';

async function serving(t: TestContext, program: RequestListener, behind?: Behind): Promise<OpenGateway> {
  const server = createServer(program).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return gatewayBefore(t, (server.address() as AddressInfo).port, behind);
}

function calling(port: number, method: string, path: string, headers: Record<string, string> = {}) {
  const where = { host: '127.0.0.1', port, servername: 'api.test', agent: false as const };
  return httpsRequest({ ...where, ...caller, method, path, headers: { host: 'api.test', ...headers } });
}

async function answerOf(asked: ReturnType<typeof calling>): Promise<IncomingMessage> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

test('a WebSocket says what it says, both ways, and is told of when it is over', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    socket.send(String(request.headers['x-forwarded-client-cert']));
    socket.on('message', (said, isBinary) => socket.send(said, { binary: isBinary }));
  });
  t.after(() => {
    sockets.close();
    server.closeAllConnections();
    server.close();
  });
  const { port, told } = await gatewayBefore(t, (server.address() as AddressInfo).port);
  const own = { ...caller, servername: 'api.test', headers: { host: 'api.test' } };
  const client = new WebSocket(`wss://127.0.0.1:${port}/ws`, own);
  const said: Buffer[] = [];
  client.on('message', (octets: Buffer) => said.push(octets));
  await once(client, 'message');
  client.send(Buffer.alloc(1_000_000, 7));
  await once(client, 'message');
  client.close(1000, 'done');
  await once(client, 'close');
  assert.match(String(said[0]), /URI=spiffe:\/\/.*\/acme/);
  assert.equal(said[1]?.length, 1_000_000);
  const { status: told101, code, route } = await told(() => true);
  assert.deepEqual([told101, code, route], [101, undefined, 'all']);
});

const octets = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };

test('gRPC: unary, streams, trailers, a deadline, and a caller who cancels', async (t) => {
  const server = new Server();
  let cancelled: () => void = () => undefined;
  const wasCancelled = new Promise<void>((resolve) => (cancelled = resolve));
  const service = (path: string, requestStream: boolean, responseStream: boolean) => ({
    path: `/test.Service/${path}`,
    requestStream,
    responseStream,
    requestSerialize: octets.serialize,
    requestDeserialize: octets.deserialize,
    responseSerialize: octets.serialize,
    responseDeserialize: octets.deserialize,
  });
  server.addService(
    {
      unary: service('unary', false, false),
      chat: service('chat', true, true),
      silent: service('silent', false, true),
    },
    {
      unary: (
        call: { request: Buffer; sendMetadata(given: Metadata): void },
        done: (e: null, v: Buffer, m: Metadata) => void,
      ) => {
        const trailers = new Metadata();
        trailers.set('x-said-last', 'yes');
        done(null, call.request, trailers);
      },
      chat: (call: NodeJS.ReadWriteStream & { end(): void }) => {
        call.on('data', (said: Buffer) => call.write(said));
        call.on('end', () => call.end());
      },
      silent: (call: NodeJS.EventEmitter) => void call.on('cancelled', () => cancelled()),
    },
  );
  const upstream = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
  t.after(() => server.forceShutdown());
  const { port, told } = await gatewayBefore(t, upstream, { scheme: 'h2c' });
  const secure = grpcCredentials.createSsl(null, Buffer.from(caller.key), Buffer.from(caller.cert), {
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  const client = new Client(`127.0.0.1:${port}`, secure, {
    'grpc.ssl_target_name_override': 'api.test',
    'grpc.default_authority': 'api.test',
  });
  t.after(() => client.close());
  const trailing = await new Promise<string>((resolve, reject) => {
    const call = client.makeUnaryRequest(
      '/test.Service/unary',
      octets.serialize,
      octets.deserialize,
      Buffer.from('a'),
      (error, value) => {
        if (error !== null) reject(error);
        else assert.equal(String(value), 'a');
      },
    );
    call.on('status', ({ metadata }) => resolve(String(metadata.get('x-said-last'))));
  });
  assert.equal(trailing, 'yes');
  const chat = client.makeBidiStreamRequest('/test.Service/chat', octets.serialize, octets.deserialize);
  for (const word of ['one', 'two']) {
    chat.write(Buffer.from(word));
    // Each answer before the next question: nothing waits for an end.
    const [said] = (await once(chat, 'data')) as [Buffer];
    assert.equal(String(said), word);
  }
  chat.end();
  await once(chat.resume(), 'end');
  const late = client.makeServerStreamRequest(
    '/test.Service/silent',
    octets.serialize,
    octets.deserialize,
    Buffer.from('x'),
    new Metadata(),
    {
      deadline: Date.now() + 50,
    },
  );
  const [failed] = (await once(late.resume(), 'error')) as [{ code: number }];
  assert.equal(failed.code, status.DEADLINE_EXCEEDED);
  await wasCancelled;
  await told(({ path }) => path === '/test.Service/silent');
});

test('an event reaches its reader before there is another, over either version', async (t) => {
  const next: (() => void)[] = [];
  const { port } = await serving(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    next.push(() => response.end('data: 2\n\n'));
  });
  const answer = await answerOf(calling(port, 'GET', '/events').end());
  const [first] = (await once(answer, 'data')) as [Buffer];
  assert.equal(String(first), 'data: 1\n\n');
  next.shift()?.();
  const [second] = (await once(answer, 'data')) as [Buffer];
  assert.equal(String(second), 'data: 2\n\n');
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'api.test', ...caller });
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/events', ':authority': 'api.test' });
  assert.equal(String(((await once(stream, 'data')) as [Buffer])[0]), 'data: 1\n\n');
  next.shift()?.();
  assert.equal(String(((await once(stream, 'data')) as [Buffer])[0]), 'data: 2\n\n');
});

test('HEAD, 204 and 304 have no body, whatever their header says of its length', async (t) => {
  const upstream = await rawUpstream(t, (socket, asked) => {
    const [, code = ''] = /^\S+ \/(\d+)/.exec(asked) ?? [];
    socket.end(`HTTP/1.1 ${code} x\r\ncontent-length: 5\r\netag: "a"\r\nconnection: close\r\n\r\n`);
  });
  const { port } = await gatewayBefore(t, upstream);
  const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'api.test', ...caller });
  t.after(() => session.destroy());
  for (const [method, path, expected] of [
    ['HEAD', '/200', 200],
    ['GET', '/204', 204],
    ['GET', '/304', 304],
  ] as const) {
    const answer = await answerOf(calling(port, method, path).end());
    let body = '';
    answer.on('data', (piece: Buffer) => (body += piece.toString()));
    await once(answer, 'end');
    assert.deepEqual([answer.statusCode, body], [expected, '']);
    const stream = session.request({ ':path': path, ':authority': 'api.test', ':method': method });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    assert.equal(headers[':status'], expected);
    await once(stream.resume(), 'close');
    assert.equal(stream.rstCode, 0, `${method} ${path}`);
  }
});

test('who asks before he sends is told to go on, and his body arrives', async (t) => {
  const { port } = await serving(t, (request, response) => void request.pipe(response));
  const asked = calling(port, 'POST', '/', { expect: '100-continue', 'content-length': '5' });
  asked.flushHeaders();
  await once(asked, 'continue');
  asked.end('hello');
  const answer = await answerOf(asked);
  assert.equal(String(((await once(answer, 'data')) as [Buffer])[0]), 'hello');
});

test('the upstream hears of a caller who goes away, over either version', async (t) => {
  let gone: () => void = () => undefined;
  const { port, told } = await serving(t, (request, response) => {
    response.write('first');
    request.socket.once('close', () => gone());
  });
  for (const version of [1, 2]) {
    const heard = new Promise<void>((resolve) => (gone = resolve));
    if (version === 1) {
      const answer = await answerOf(calling(port, 'GET', '/one').end());
      await once(answer, 'data');
      answer.destroy();
    } else {
      const session = connectHttp2(`https://127.0.0.1:${port}`, { servername: 'api.test', ...caller });
      const stream = session.request({ ':path': '/two', ':authority': 'api.test' });
      await once(stream, 'data');
      stream.close(8);
      await once(stream, 'close');
      session.destroy();
    }
    await heard;
    await told(({ path }) => path === (version === 1 ? '/one' : '/two'));
  }
});

/** Octets. Enough that a gateway that kept them would show it; with BYPASS=all a hundred million. */
const large = everywhere ? 100_000_000 : 20_000_000;
const mostKept = 8 * 2 ** 20;

test('what a slow reader does not take yet is not taken from the upstream, and comes whole in the end', async (t) => {
  let written = 0;
  const { port } = await serving(t, (_request, response) => {
    const piece = Buffer.alloc(64 * 1024, 1);
    response.setHeader('content-length', large);
    const pump = (): void => {
      for (;;) {
        const left = large - written;
        if (left === 0) {
          response.end();
          return;
        }
        const part = piece.subarray(0, Math.min(left, piece.length));
        written += part.length;
        if (!response.write(part)) break;
      }
      response.once('drain', pump);
    };
    pump();
  });
  const answer = await answerOf(calling(port, 'GET', '/large').end());
  let [read, most] = [0, 0];
  for await (const piece of answer) {
    read += (piece as Buffer).length;
    most = Math.max(most, written - read);
    // A turn for all others: whoever wants to run ahead can.
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(read, large);
  assert.ok(most < mostKept + 2 * 6 * 2 ** 20, `${most} octets were on their way`);
});

test('a body goes up as fast as its service takes it', async (t) => {
  let taken = 0;
  const { port } = await serving(
    t,
    (request, response) => {
      void (async () => {
        for await (const piece of request) {
          taken += (piece as Buffer).length;
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end(String(taken));
      })();
    },
    { bounds: `{ requestBytes: ${large} }` },
  );
  const asked = calling(port, 'POST', '/large', { 'content-length': String(large) });
  const piece = Buffer.alloc(64 * 1024, 1);
  let [sent, most] = [0, 0];
  while (sent < large) {
    const part = piece.subarray(0, Math.min(piece.length, large - sent));
    sent += part.length;
    if (!asked.write(part)) await once(asked, 'drain');
    most = Math.max(most, sent - taken);
  }
  asked.end();
  const answer = await answerOf(asked);
  assert.equal(String(((await once(answer, 'data')) as [Buffer])[0]), String(large));
  assert.ok(most < mostKept + 2 * 6 * 2 ** 20, `${most} octets were on their way`);
});

test('an upload may take longer than the answer to it', async (t) => {
  const clock = manualClock(Date.now());
  let began: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (began = resolve));
  const { port } = await serving(
    t,
    (request, response) => {
      request.once('data', () => began()).on('end', () => response.end('whole'));
    },
    { bounds: '{ answerMs: 1000, bodyMs: 60000 }', clock },
  );
  const asking = httpsRequest({
    ...{ host: '127.0.0.1', port, path: '/', method: 'POST', servername: 'api.test', agent: false },
    ...{ headers: { host: 'api.test' }, ...caller },
  });
  const answered = once(asking, 'response') as Promise<[IncomingMessage]>;
  asking.write('first');
  await arrived;
  for (let at = 0; at < 10; at += 1) clock.advance(500);
  asking.end('last');
  const [answer] = await answered;
  assert.equal(answer.statusCode, 200);
  answer.resume();
});

test('the bounds of a route hold: header, body announced and not, time for the body', async (t) => {
  const clock = manualClock(systemClock.now());
  const bounds = '{ requestBytes: 10, headerBytes: 1000, bodyMs: 1000 }';
  const { port, records, told } = await serving(
    t,
    (request, response) => void request.resume().on('end', () => response.end()),
    {
      bounds,
      clock,
    },
  );
  const codes: unknown[] = [];
  const statusFor = async (asked: ReturnType<typeof calling>): Promise<void> => {
    codes.push((await answerOf(asked.on('error', () => undefined))).statusCode);
    asked.destroy();
  };
  await statusFor(calling(port, 'GET', '/', { 'x-a': 'b'.repeat(1000) }).end());
  await statusFor(calling(port, 'POST', '/', { 'content-length': '11' }).end(Buffer.alloc(11)));
  await statusFor(calling(port, 'POST', '/').end(Buffer.alloc(11)));
  const slow = calling(port, 'POST', '/slow', { 'content-length': '2' }).on('error', () => undefined);
  slow.write('a');
  const answer = answerOf(slow);
  const until = (fits: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => (fits() ? resolve() : void setImmediate(look));
      look();
    });
  await until(() => records.length === 3);
  void answer.then(({ statusCode }) => codes.push(statusCode));
  // From when it is there on; a turn or two.
  while (codes.length < 4) {
    clock.advance(600);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal((await told(({ path }) => path === '/slow')).code, 'CS-GATEWAY-020');
  assert.deepEqual(codes, [431, 413, 413, 408]);
});

test('the socket of administration is its owner\u2019s, answers what it knows, and is not ready while it drains', async (t) => {
  const { gateway } = await serving(t, (_request, response) => response.end('ok'));
  const folder = await mkdtemp(join(tmpdir(), 'countersign-admin-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const socket = join(folder, 'admin.sock');
  const metrics = new Metrics();
  gateway.observe(metrics);
  const admin = await openAdmin({ socket }, viewOf(gateway, metrics));
  t.after(() => admin.close());
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
  const asks = async (path: string): Promise<readonly [number | undefined, string]> => {
    const [answer] = (await once(httpRequest({ socketPath: socket, path }).end(), 'response')) as [IncomingMessage];
    let text = '';
    for await (const piece of answer.setEncoding('utf8')) text += String(piece);
    return [answer.statusCode, text];
  };
  assert.equal((await asks('/healthz'))[0], 200);
  assert.equal((await asks('/readyz'))[0], 200);
  assert.match((await asks('/metrics'))[1], /countersign_gateway_generation 1/);
  for (const path of ['/', '/metrics/', '/HEALTHZ', '/healthz/../metrics', '/%6detrics'])
    assert.equal((await asks(path))[0], 404, path);
  await gateway.close({ graceMs: 0 });
  const [readiness] = await asks('/readyz');
  assert.deepEqual([readiness, (await asks('/healthz'))[0]], [503, 200]);
});
