/** A reload while callers are at work: whatever is under way goes on, over either version of HTTP, in a WebSocket, and in the middle of an upload. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { type Applied, ConfigurationFollower } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { startGateway } from './running-gateway.ts';
import type { OpenGateway } from '../fixtures/gateway/open-gateway.ts';
import { presented } from '../fixtures/presented.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const acme = { ...presented(authority.issue('acme')), rejectUnauthorized: false } as const;
const reloads = 3;

/** Each time with a partner and a route more, and another setting of the upstream that all of them use; above the size that is read in place. */
const rest = (upstreamPort: number, more: number): string => `hosts:
  api.test: { certificate: required, credential: main, trust: [${domain}] }
partners:
${many(50 + more, (at) => `  - { name: p-${at}, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/p-${at} }] }`)}
  - { name: acme, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }] }
routes:
${many(200 + more, (at) => `  - { name: r-${at}, host: api.test, path: /r-${at}/, allow: [p-${at % 50}], upstream: plain }`)}
  - { name: all, host: api.test, path: /, allow: [acme], upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstreamPort}'], connectMs: ${5_000 + more} } }
# ${'-'.repeat(200_000)}
`;

function many(count: number, line: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => line(at)).join('\n');
}

/** Says how much it got; a connection that is turned into something else gets back what it says. */
async function upstream(t: TestContext): Promise<{ upstreamPort: number; uploading: Promise<unknown> }> {
  const uploading = Promise.withResolvers<undefined>();
  const server = createServer((request, response) => {
    let octets = 0;
    request.on('data', (piece: Buffer) => {
      octets += piece.length;
      uploading.resolve(undefined);
    });
    request.on('end', () => response.end(String(octets)));
  });
  server.on('upgrade', (_request, socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { upstreamPort: (server.address() as AddressInfo).port, uploading: uploading.promise };
}

/** Asks and asks again until it is told to end. */
class Caller {
  answered = 0;
  readonly failures: string[] = [];
  readonly over: Promise<void>;
  #going = true;
  #onAnswer: () => void = () => undefined;

  constructor(ask: () => Promise<string>) {
    this.over = this.#call(ask);
  }

  /** Resolves with an answer to what was asked from now on. */
  async oneMore(): Promise<void> {
    // That which is under way began before.
    for (let times = 0; times < 2 && this.#going; times += 1)
      await new Promise<void>((resolve) => (this.#onAnswer = resolve));
  }

  end(): Promise<void> {
    this.#going = false;
    return this.over;
  }

  async #call(ask: () => Promise<string>): Promise<void> {
    while (this.#going) {
      const outcome = await ask().catch((error: unknown) => String(error));
      if (outcome === '200 0') this.answered += 1;
      else {
        this.failures.push(outcome);
        this.#going = false;
      }
      this.#onAnswer();
    }
  }
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const piece of stream) text += String(piece);
  return text;
}

function overHttp1(t: TestContext, port: number, connected: () => void): Caller {
  const agent = new Agent({ ...acme, keepAlive: true, maxSockets: 1, servername: 'api.test' });
  t.after(() => agent.destroy());
  return new Caller(async () => {
    const asking = httpsRequest({ host: '127.0.0.1', port, path: '/one', agent, headers: { host: 'api.test' } });
    // Of one that was used before nobody is told.
    asking.on('socket', () => {
      if (!asking.reusedSocket) connected();
    });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    return `${String(answer.statusCode)} ${await textOf(answer)}`;
  });
}

function overHttp2(t: TestContext, port: number): Caller {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ...acme, servername: 'api.test' });
  t.after(() => session.destroy());
  return new Caller(async () => {
    const stream = session.request({ ':path': '/one', ':authority': 'api.test' });
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    return `${String(headers[':status'])} ${await textOf(stream)}`;
  });
}

async function webSocket(t: TestContext, port: number): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, servername: 'api.test', ...acme });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  socket.write('GET /socket HTTP/1.1\r\nhost: api.test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 101 /);
  return socket;
}

async function echoed(socket: TLSSocket, said: string): Promise<string> {
  socket.write(said);
  let heard = '';
  while (heard.length < said.length) heard += String(((await once(socket, 'data')) as [Buffer])[0]);
  return heard;
}

function follow(t: TestContext, { gateway }: OpenGateway): { follower: ConfigurationFollower; applied: Applied[] } {
  const applied: Applied[] = [];
  const follower = new ConfigurationFollower({
    gateway,
    path: gateway.configuration.path,
    everyMs: 600_000,
    onApplied: (one) => applied.push(one),
    onRefused: (refusal, problems) => assert.fail([refusal, ...problems].join('\n')),
  });
  t.after(() => follower.close());
  return { follower, applied };
}

/** The credential is renewed, too. */
async function rewrite(path: string, upstreamPort: number, more: number): Promise<void> {
  const { chain, privateKey } = authority.issue('gateway');
  const folder = dirname(path);
  await writeFile(join(folder, 'main.pem'), chain.map((der) => encodePem('CERTIFICATE', der)).join(''));
  await writeFile(join(folder, 'main.key'), privateKey.toPem(), { mode: 0o600 });
  const written = await readFile(path, 'utf8');
  await writeFile(path, written.slice(0, written.indexOf('hosts:')) + rest(upstreamPort, more));
}

test('no request fails over reloads, whatever is under way goes on, and on the same connections', async (t) => {
  const { upstreamPort, uploading } = await upstream(t);
  const running = await startGateway(t, {
    rest: rest(upstreamPort, 0),
    authorities: [authority],
    credentials: { main: authority.issue('gateway') },
  });
  const { gateway, port } = running;
  const { follower, applied } = follow(t, running);
  let handshakes = 0;
  const callers = [overHttp1(t, port, () => (handshakes += 1)), overHttp2(t, port)];
  const socket = await webSocket(t, port);
  const upload = httpsRequest({
    ...acme,
    ...{ host: '127.0.0.1', port, servername: 'api.test', path: '/up', method: 'POST', headers: { host: 'api.test' } },
  });
  upload.write('first');
  await uploading;
  for (let nth = 1; nth <= reloads; nth += 1) {
    await rewrite(gateway.configuration.path, upstreamPort, nth);
    const meanwhile = callers.map(({ answered }) => answered);
    await follower.reload();
    assert.equal(gateway.generation, nth + 1);
    for (const [at, caller] of callers.entries()) {
      assert.deepEqual(caller.failures, []);
      assert.ok(caller.answered > (meanwhile[at] ?? 0), 'nothing was answered while the file was read');
      await caller.oneMore();
    }
    assert.equal(await echoed(socket, `after ${nth}`), `after ${nth}`);
    upload.write('0123456789');
  }
  for (const caller of callers) {
    await caller.end();
    assert.deepEqual(caller.failures, []);
  }
  upload.end();
  const [answer] = (await once(upload, 'response')) as [IncomingMessage];
  assert.equal(`${String(answer.statusCode)} ${await textOf(answer)}`, `200 ${5 + 10 * reloads}`);
  assert.equal(handshakes, 1);
  assert.deepEqual(
    applied.map(({ endedRequests, closedConnections }) => [endedRequests, closedConnections]),
    applied.map(() => [0, 0]),
  );
  assert.deepEqual(running.refusals, []);
  assert.deepEqual(running.closed, []);
});
