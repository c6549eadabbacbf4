/**
 * A pooled connection is never used under another identity: two credentials, rotation under keep-alive, HTTP/1.1, HTTP/2 and fetch.
 * Elsewhere it was: curl's CVE-2016-5420 and CVE-2026-8932.
 */
import assert from 'node:assert/strict';
import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { Agent, get as httpsGet } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { Agent as UndiciAgent, type Dispatcher, Pool, request, WebSocket as UndiciWebSocket } from 'undici';
import { WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '../../../ground/clock/index.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { allowAnyPeer, spiffeId } from '../../../identity/authorization/index.ts';
import { withoutRevocation } from '../../../identity/revocation/index.ts';
import { TestAuthority } from '../../../surfaces/testing/index.ts';
import {
  armAgent,
  connect,
  connectHttp2,
  createDispatcher,
  createFetch,
  createHttpsAgent,
  type Credential,
  fixedSource,
  type MutualClientOptions,
  MutableSource,
  Trust,
} from '../index.ts';

const authority = new TestAuthority();
const clock = systemClock;
const host = '127.0.0.1';
const policy = spiffeId('spiffe://test.internal/orders');
const web = authority.issue('web');
const cron = authority.issue('cron');

interface Whoami {
  readonly url: string;
  readonly port: number;
  /** Connections so far. */
  readonly connections: () => number;
}

/** A bare server that answers with the SPIFFE ID in the client's certificate, as it is on that very connection. */
async function whoami(t: TestContext, allowHTTP1: boolean, asks = true): Promise<Whoami> {
  const { chain, privateKey } = authority.issue('orders');
  const anchors = authority
    .bundles()
    .all()
    .flatMap((bundle) => bundle.anchors);
  let connections = 0;
  const server = createSecureServer({
    cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    key: privateKey.toPem(),
    ca: anchors.map(({ raw }) => encodePem('CERTIFICATE', raw)),
    requestCert: asks,
    allowHTTP1,
    ...(allowHTTP1 ? { ALPNProtocols: ['http/1.1'] } : {}),
  });
  const sockets = new Set<TLSSocket>();
  server.on('secureConnection', (socket: TLSSocket) => {
    connections++;
    sockets.add(socket.on('error', () => undefined));
    names.set(`${socket.remotePort}`, socket.getPeerCertificate().subjectaltname ?? 'nobody');
  });
  const names = new Map<string, string>();
  server.on('request', (asked: Http2ServerRequest, answer: Http2ServerResponse) => {
    answer.setHeader('protocol', asked.httpVersion);
    answer.end(names.get(`${asked.socket.remotePort}`) ?? '');
  });
  const upgrades = new WebSocketServer({ noServer: true });
  server.on('upgrade', (asked, socket, head) => {
    upgrades.handleUpgrade(asked, socket, head, (one) => one.send(names.get(`${asked.socket.remotePort}`) ?? ''));
  });
  server.listen(0, host);
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://${host}:${port}/`, port, connections: () => connections };
}

function trust(): Trust {
  return new Trust({ bundles: fixedSource(authority.bundles()), revocations: fixedSource(withoutRevocation), clock });
}

interface Caller {
  call(): Promise<string>;
  close(): unknown;
}

const ofDispatcher = (dispatcher: Dispatcher, url: string): Caller => ({
  call: async () => (await request(url, { dispatcher })).body.text(),
  close: () => dispatcher.destroy(),
});

const ofAgent = (agent: Agent, url: string): Caller => ({
  call: () =>
    new Promise((resolve, reject) => {
      httpsGet(url, { agent }, (response) => {
        let text = '';
        response.on('data', (part: Buffer) => (text += part.toString())).on('end', () => resolve(text));
      }).on('error', reject);
    }),
  close: () => agent.destroy(),
});

const clients: readonly { readonly name: string; open(url: string, options: MutualClientOptions): Caller }[] = [
  { name: 'createDispatcher', open: (url, options) => ofDispatcher(createDispatcher(policy, options), url) },
  {
    name: 'createFetch',
    open: (url, options) => {
      const fetch = createFetch(policy, options);
      return { call: async () => (await fetch(url)).text(), close: () => fetch.close() };
    },
  },
  { name: 'createHttpsAgent', open: (url, options) => ofAgent(createHttpsAgent(policy, options), url) },
  {
    name: 'armAgent (node:https)',
    open: (url, options) => {
      const agent = new Agent({ keepAlive: true });
      armAgent(policy, options, agent);
      return ofAgent(agent, url);
    },
  },
  {
    name: 'armAgent (undici)',
    open: (url, options) => {
      const agent = new UndiciAgent({ allowH2: true });
      armAgent(policy, options, agent);
      return ofDispatcher(agent, url);
    },
  },
];

for (const allowHTTP1 of [true, false]) {
  for (const { name, open } of clients) {
    if (!allowHTTP1 && name.includes('ttps')) continue;
    test(`${name}: each credential on its own connections, over HTTP/${allowHTTP1 ? '1.1' : '2'}`, async (t) => {
      const { url, connections } = await whoami(t, allowHTTP1);
      // One trust for all, as a workload has it.
      const common = { trust: trust(), clock };
      const credentials = new MutableSource<Credential>(web);
      const changing = open(url, { ...common, credentials });
      const other = open(url, { ...common, credentials: fixedSource(cron) });
      t.after(() => Promise.all([changing.close(), other.close()]));
      for (let count = 0; count < 3; count++) {
        assert.match(await changing.call(), /test\.internal\/web/);
        assert.match(await other.call(), /test\.internal\/cron/);
      }
      assert.ok(connections() <= 4, 'kept alive');
      for (const [credential, expected] of [
        [cron, /\/cron/],
        [web, /\/web/],
      ] as const) {
        // Whoever hears of the change before the pool does must not get the old one either.
        const early = new Promise<string>((resolve) => {
          const end = credentials.watch(() => {
            end();
            resolve(changing.call());
          });
        });
        credentials.set(credential);
        assert.match(await changing.call(), expected);
        assert.match(await early, expected);
        assert.match(await changing.call(), expected);
      }
    });
  }
}

test('a source that changes without telling is noticed all the same', async (t) => {
  const { url } = await whoami(t, true);
  let now = web;
  const credentials = { current: () => now, watch: () => () => undefined };
  for (const { open } of clients) {
    now = web;
    const caller = open(url, { trust: trust(), clock, credentials });
    t.after(() => caller.close());
    assert.match(await caller.call(), /\/web/);
    now = cron;
    assert.match(await caller.call(), /\/cron/);
  }
});

test('WebSocket clients: ws over the agent, undici over the dispatcher', async (t) => {
  const { port } = await whoami(t, true);
  const options = { trust: trust(), clock, credentials: fixedSource(web) };
  const agent = createHttpsAgent(policy, options);
  const dispatcher = createDispatcher(policy, options);
  t.after(() => {
    agent.destroy();
    return dispatcher.destroy();
  });
  const one = new WebSocket(`wss://${host}:${port}/`, { agent });
  const first = await new Promise((resolve, reject) =>
    one.once('message', (data: Buffer) => resolve(String(data))).once('error', reject),
  );
  one.terminate();
  assert.match(String(first), /\/web/);
  const two = new UndiciWebSocket(`wss://${host}:${port}/`, { dispatcher });
  const second = await new Promise((resolve, reject) => {
    two.addEventListener('message', ({ data }) => resolve(String(data)));
    two.addEventListener('error', reject);
  });
  two.close();
  assert.match(String(second), /\/web/);
});

test('a session of HTTP/2 is verified, answers, and ends with the trust in its peer', async (t) => {
  const { port } = await whoami(t, false);
  const options = { trust: trust(), clock, credentials: fixedSource(web) };
  const { session, peer, gate } = await connectHttp2(policy, options, { host, port });
  t.after(() => session.destroy());
  assert.equal(peer.spiffeId, 'spiffe://test.internal/orders');
  const stream = session.request({ ':path': '/' });
  const streamClosed = new Promise((resolve) => stream.once('close', resolve));
  let text = '';
  for await (const part of stream) text += String(part);
  await streamClosed;
  assert.match(text, /\/web/);
  assert.equal(gate.passes(), true);
  const [live] = options.trust.connections.all();
  const error = new Promise((resolve) => session.on('error', resolve));
  live?.close(refusalOf());
  assert.ok(isRefusal(await error));
  assert.equal(gate.passes(), false);
});

function refusalOf(): Refusal {
  try {
    trust().requireCurrent({ notAfter: 0, name: 'x' } as never);
  } catch (error) {
    if (isRefusal(error)) return error;
  }
  throw new Error('not refused');
}

test('a refusal of the second stage over HTTP/2 is one for each client', async (t) => {
  const { chain, privateKey } = authority.issue('orders');
  const body = JSON.stringify({
    type: 'urn:countersign:refusal:CS-PEER-007',
    title: 'x',
    status: 403,
    code: 'CS-PEER-007',
  });
  const server = createSecureServer({
    cert: chain.map((der) => encodePem('CERTIFICATE', der)).join(''),
    key: privateKey.toPem(),
  });
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream) => {
    stream.respond({ ':status': 403, 'content-type': 'application/problem+json' });
    stream.end(body, () => stream.session?.close());
  });
  server.listen(0, host);
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const options = { trust: trust(), clock, credentials: fixedSource(web), onWarning: () => undefined };
  const isRefused = (error: unknown): boolean =>
    isRefusal(error) && error.code === 'CS-TLS-016' && error.evidence['said'] === 'CS-PEER-007';

  const { session } = await connectHttp2(allowAnyPeer(), options, { host, port });
  t.after(() => session.destroy());
  const answer = session.request({ ':path': '/' });
  await assert.rejects(async () => {
    for await (const part of answer) assert.fail(String(part));
  }, isRefused);
  const fetch = createFetch(allowAnyPeer(), options);
  t.after(() => fetch.close());
  for (let count = 0; count < 2; count++) await assert.rejects(fetch(`https://${host}:${port}/`), isRefused);
});

test('a server that never asks for the certificate is named, once', async (t) => {
  const { port, url } = await whoami(t, true, false);
  const warnings: Refusal[] = [];
  const options = {
    trust: trust(),
    clock,
    credentials: new MutableSource(web),
    onWarning: (warning: Refusal) => warnings.push(warning),
  };
  const dispatcher = createDispatcher(policy, options);
  t.after(() => dispatcher.destroy());
  for (const credential of [web, cron]) {
    options.credentials.set(credential);
    assert.equal(await ofDispatcher(dispatcher, url).call(), 'nobody');
  }
  (await connect(policy, { ...options, host, port })).socket.destroy();
  assert.deepEqual(
    warnings.map(({ code, evidence }) => [code, evidence['server']]),
    [['CS-TLS-015', `${host}:${port}`]],
  );
});

test('without a listener the warning is one of the process', async (t) => {
  const { url } = await whoami(t, true, false);
  const emitWarning = t.mock.method(process, 'emitWarning', () => undefined);
  const dispatcher = createDispatcher(policy, { trust: trust(), clock, credentials: fixedSource(web) });
  t.after(() => dispatcher.destroy());
  await ofDispatcher(dispatcher, url).call();
  assert.equal(emitWarning.mock.callCount(), 1);
  assert.match(String(emitWarning.mock.calls[0]?.arguments[0]), /^CS-TLS-015 .*127\.0\.0\.1:/);
});

test("Node's own fetch is covered where it is given the dispatcher, and never without", async (t) => {
  const { url } = await whoami(t, true);
  const dispatcher = createDispatcher(policy, { trust: trust(), clock, credentials: fixedSource(web) });
  t.after(() => dispatcher.destroy());
  // What no authority of this machine has signed is not believed; had it been, nothing would have been presented.
  await assert.rejects(globalThis.fetch(url), (error) => !isRefusal((error as Error).cause));
  const covered = globalThis.fetch(url, { dispatcher } as unknown as RequestInit);
  // The fetch of Node 24 is of an earlier undici, and is told so.
  if (process.versions.node.startsWith('24.')) await assert.rejects(covered, isOfEarlierUndici);
  else assert.match(await (await covered).text(), /\/web/);
});

function isOfEarlierUndici(error: unknown): boolean {
  return (
    error instanceof Error &&
    [error, error.cause].some((one) => one instanceof Error && one.message.includes('use createFetch'))
  );
}

test('what cannot be armed whole is refused by name', () => {
  const options = { trust: trust(), clock, credentials: fixedSource(web) };
  class Tunnel extends Agent {
    override createConnection(): undefined {
      return undefined;
    }
  }
  assert.throws(() => armAgent(policy, options, new Tunnel()), /has a createConnection of its own/);
  const used = Object.assign(new Agent(), { sockets: { 'a:443': [] } });
  assert.throws(() => armAgent(policy, options, used), /has connections already/);
  const factory = (origin: string | URL): Pool => new Pool(origin);
  assert.throws(() => armAgent(policy, options, new UndiciAgent({ factory })), /factory of its own/);
  assert.throws(() => armAgent(policy, options, {} as never), /no Symbol\(options\)/);
});
