/** Credentials and bundles change under load, and no request is lost. */
import assert from 'node:assert/strict';
import { get as httpsGet, type Agent } from 'node:https';
import { test, type TestContext } from 'node:test';
import { request } from 'undici';
import { type Clock, manualClock, sleep, systemClock } from '../../ground/clock/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { allowAnyPeer } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { generatePrivateKey } from '../cryptography/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import {
  createDispatcher,
  createHttpsAgent,
  createServer,
  fixedSource,
  MutableSource,
  peerOf,
  Trust,
  type Credential,
} from './index.ts';

const authority = new TestAuthority();
const clock = systemClock;

interface Side {
  readonly trust: Trust;
  readonly bundles: MutableSource<ReturnType<TestAuthority['bundles']>>;
  readonly credentials: MutableSource<Credential>;
}

function side(name: string): Side {
  const bundles = new MutableSource(authority.bundles());
  return {
    bundles,
    trust: new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock }),
    credentials: new MutableSource(authority.issue(name, { notAfterMs: 60_000 })),
  };
}

async function serve(
  t: TestContext,
  here: Side,
  serverClock: Clock = clock,
): Promise<{ url: string; serials: Set<string>; ports: Set<number | undefined> }> {
  const serials = new Set<string>();
  const ports = new Set<number | undefined>();
  const server = createServer(allowAnyPeer(), { ...here, clock: serverClock }, (req, res) => {
    ports.add(req.socket.remotePort);
    serials.add(peerOf(req).serialNumber);
    // Some answers take a while, so that rotations find requests under way.
    setTimeout(() => res.end(req.url), Math.random() < 0.2 ? 30 : 0);
  });
  t.after(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url: `https://127.0.0.1:${port}`, serials, ports };
}

test('both sides rotate under load and the bundle changes: nothing is lost', async (t) => {
  const server = side('orders');
  const client = side('web');
  const { url, serials } = await serve(t, server);
  const dispatcher = createDispatcher(allowAnyPeer(), { ...client, clock });
  let running = true;
  let answered = 0;
  const callers = Array.from({ length: 8 }, async (_, caller) => {
    for (let number = 0; running; number++) {
      const path = `/${caller}/${number}`;
      const answer = await request(url + path, { dispatcher });
      assert.equal(answer.statusCode, 200);
      assert.equal(await answer.body.text(), path);
      answered++;
    }
  });
  const more = async (): Promise<void> => {
    for (const goal = answered + 12; answered < goal;) await sleep(clock, 2);
  };
  for (let round = 0; round < 6; round++) {
    await more();
    client.credentials.set(authority.issue('web', { notAfterMs: 60_000 }));
    await more();
    server.credentials.set(authority.issue('orders', { notAfterMs: 60_000 }));
    server.bundles.set(authority.bundles());
    client.bundles.set(authority.bundles());
  }
  await more();
  running = false;
  await Promise.all(callers);
  await dispatcher.close();
  assert.ok(serials.size >= 6, 'each new certificate was used');
  // The old pools are gone with their connections.
  while (client.trust.connections.size > 0) await sleep(clock, 5);
});

test("a client gives a connection up before the server's certificate runs out", async (t) => {
  const server = side('orders');
  server.credentials.set(authority.issue('orders', { notAfterMs: 100_000 }));
  const client = side('web');
  const { url, ports } = await serve(t, server);
  const ahead = manualClock(clock.now());
  const dispatcher = createDispatcher(allowAnyPeer(), { ...client, clock: ahead });
  t.after(() => dispatcher.close());
  const call = async (): Promise<void> => {
    const answer = await request(`${url}/x`, { dispatcher });
    assert.equal(await answer.body.text(), '/x');
  };
  // undici may open a second connection while the first is only just done.
  for (let count = 0; count < 10; count++) await call();
  assert.ok(ports.size <= 2, 'kept alive');
  const before = ports.size;
  ahead.advance(80_000);
  await call();
  assert.equal(ports.size, before + 1);
});

test('an https agent uses connections of its own generation alone', async (t) => {
  const server = side('orders');
  const client = side('web');
  const { url, serials } = await serve(t, server);
  const agent = createHttpsAgent(allowAnyPeer(), { ...client, clock });
  t.after(() => agent.destroy());
  assert.equal(await get(`${url}/1`, agent), '/1');
  assert.equal(await get(`${url}/2`, agent), '/2');
  assert.equal(serials.size, 1);
  assert.equal(client.trust.connections.size, 1, 'kept alive');
  const underWay = get(`${url}/3`, agent);
  client.credentials.set(authority.issue('web'));
  assert.equal(await underWay, '/3');
  assert.equal(await get(`${url}/4`, agent), '/4');
  assert.equal(serials.size, 2);
  while (client.trust.connections.size > 1) await sleep(clock, 5);
  const held = [...Object.values(agent.sockets), ...Object.values(agent.freeSockets)].flatMap(
    (sockets) => sockets ?? [],
  );
  assert.equal(held.length, 1, 'the agent has forgotten the old one');
});

function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    httpsGet(url, { agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text)).on('error', reject);
    }).on('error', reject);
  });
}

test('a credential that TLS does not take is refused, and the last one stays in use', async (t) => {
  const server = side('orders');
  const client = side('web');
  const { url } = await serve(t, server);
  const broken = { chain: authority.issue('orders').chain, privateKey: generatePrivateKey('P-256') };
  assert.throws(
    () => server.credentials.set(broken),
    (error) => isRefusal(error) && error.code === 'CS-TLS-007',
  );
  const dispatcher = createDispatcher(allowAnyPeer(), { ...client, clock });
  t.after(() => dispatcher.close());
  assert.equal((await request(`${url}/`, { dispatcher })).statusCode, 200);
});

test('a response ahead of the expiry of the peer says Connection: close', async (t) => {
  const server = side('orders');
  const client = side('web');
  client.credentials.set(authority.issue('web', { notAfterMs: 100_000 }));
  server.credentials.set(authority.issue('orders'));
  const ahead = manualClock(clock.now());
  const trust = new Trust({ bundles: server.bundles, revocations: fixedSource(withoutRevocation), clock: ahead });
  const { url } = await serve(t, { ...server, trust }, ahead);
  const agent = createHttpsAgent(allowAnyPeer(), { ...client, clock });
  t.after(() => agent.destroy());
  assert.equal(await headerOf(url, agent), 'keep-alive');
  // A quarter of its life is left, and a next request ends the connection before it is ended.
  ahead.advance(77_000);
  assert.equal(await headerOf(url, agent), 'close');
});

function headerOf(url: string, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    httpsGet(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.headers.connection));
    }).on('error', reject);
  });
}
