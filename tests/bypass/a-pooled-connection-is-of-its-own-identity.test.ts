/**
 * Class G. Two own credentials, two trusts, two policies, two server names, and a credential that rotates in the middle of keep-alive: no request goes
 * on a connection of another identity, nor on one that was made before what it rests on changed; those are drained, and none of their requests fails.
 * Stands for: curl CVE-2016-5420 (another client certificate), CVE-2026-8932 (another configuration of the same).
 */
import assert from 'node:assert/strict';
import { Agent as HttpsAgent, get } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { connect, createSecureContext } from 'node:tls';
import { Agent as UndiciAgent } from 'undici';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import { type PeerPolicy, spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { withoutRevocation } from '../../packages/countersign/src/identity/revocation/index.ts';
import {
  type Credential,
  fixedSource,
  type MutualClientOptions,
  MutableSource,
  type Source,
  Trust,
} from '../../packages/countersign/src/runtime/tls/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { trustIn } from './endpoints.ts';
import { type KeptClient, keptClients, type KeptClientUnderTest, ofDispatcher } from './kept-clients.ts';
import { pemOf, presented, type TlsVersion } from './presented.ts';
import { type Answer, type TellingServer, type Telling, tellingServer } from './telling-server.ts';

const authority = new TestAuthority();
const orders = presented(authority.issue('orders'));
const web = authority.issue('web');
const cron = authority.issue('cron');
const ca = pemOf([authority.root.raw]);
const clock = systemClock;
const policy = spiffeId('spiffe://test.internal/orders');
const onePlain = { version: 'TLSv1.3', protocol: 'http/1.1' } as const;

test('a bare agent of node:https sends as one who has asked first as another', async (t) => {
  const { port } = await tellingServer(t, orders, onePlain);
  const agent = new HttpsAgent({ keepAlive: true, servername: 'orders.internal' });
  t.after(() => agent.destroy());
  const askAs = (credential: Credential): Promise<string> => {
    const secureContext = createSecureContext({ ca, ...presented(credential) });
    return new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, agent, ...{ secureContext } }, (response) => {
        text(response).then(resolve, reject);
      }).on('error', reject);
    });
  };
  assert.equal(answerOf(await askAs(web)).client, 'web');
  await until(() => Object.keys(agent.freeSockets).length > 0);
  assert.equal(answerOf(await askAs(cron)).client, 'web', 'the hole is there');
});

test('a bare agent of undici goes on as who it was, though its credential has changed', async (t) => {
  const { port } = await tellingServer(t, orders, onePlain);
  let now = web;
  const agent = new UndiciAgent({
    connect: (_given, done) => {
      const socket = connect({ host: '127.0.0.1', port, ca, ...presented(now), checkServerIdentity: () => undefined });
      socket.once('secureConnect', () => {
        done(null, socket);
      });
    },
    connections: 1,
  });
  const client = ofDispatcher(agent);
  t.after(() => client.close());
  assert.equal(answerOf(await client.ask({ port })).client, 'web');
  now = cron;
  assert.equal(answerOf(await client.ask({ port })).client, 'web', 'the hole is there');
});

function answerOf(body: string): Answer {
  return JSON.parse(body) as Answer;
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'admitted';
  } catch (error) {
    return isRefusal(error) ? error.code : String(error);
  }
}

interface Scene {
  readonly server: TellingServer;
  readonly version: TlsVersion;
  readonly told: string;
  open(policy: Source<PeerPolicy>, options: Pick<MutualClientOptions, 'trust' | 'credentials'>): KeptClient;
}

/** The scenario for each client that is wanted, in each protocol and version, against a server of its own. */
function forEach(
  what: string,
  act: (scene: Scene) => Promise<void>,
  wanted: (client: KeptClientUnderTest) => boolean = () => true,
  more: Partial<Telling> = {},
): void {
  for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
    test(`${what}: ${version}`, async (t) => {
      const scenes = keptClients.filter(wanted).flatMap((client) =>
        client.protocols.map(async (protocol) => {
          const server = await tellingServer(t, orders, { version, protocol, ...more });
          await act({
            server,
            version,
            told: `${client.name}, ${protocol}, ${version}`,
            open: (peers, options) => opened(t, client.open(peers, { ...options, ...common, minVersion: version })),
          });
        }),
      );
      await Promise.all(scenes);
    });
  }
}

const common = { clock, onClosed: () => undefined };

function opened(t: TestContext, client: KeptClient): KeptClient {
  t.after(() => client.close());
  return client;
}

forEach('each credential has connections of its own', async ({ server: { port, connections }, open, told }) => {
  const trust = trustIn(authority);
  const asWeb = open(fixedSource(policy), { trust, credentials: fixedSource(web) });
  const asCron = open(fixedSource(policy), { trust, credentials: fixedSource(cron) });
  for (let round = 0; round < 2; round++) {
    const bodies = [asWeb, asCron, asWeb, asCron].map((client) => client.ask({ port }));
    const answers = (await Promise.all(bodies)).map(answerOf);
    assert.deepEqual(
      answers.map(({ client }) => client),
      ['web', 'cron', 'web', 'cron'],
      told,
    );
  }
  assert.ok(!connections.some(({ reused }) => reused), told);
});

forEach('each trust and each policy judges for itself', async ({ server, open, told }) => {
  const { port } = server;
  const credentials = fixedSource(web);
  const trust = trustIn(authority);
  const trusting = open(fixedSource(policy), { trust, credentials });
  const others = {
    'CS-PEER-002': open(fixedSource(policy), { trust: trustIn(new TestAuthority()), credentials }),
    'CS-PEER-007': open(fixedSource(spiffeId('spiffe://test.internal/other')), { trust, credentials }),
  };
  for (let round = 1; round <= 2; round++) {
    assert.equal(answerOf(await trusting.ask({ port })).client, 'web', told);
    for (const [code, client] of Object.entries(others)) assert.equal(await codeOf(client.ask({ port })), code, told);
    assert.equal(server.asked(), round, `${told}: nothing else was asked of it`);
  }
});

// A fetch has no other server name than that of its URL, by which pools are kept apart anyway.
forEach(
  'each server name has connections of its own',
  async ({ server: { port }, open, told }) => {
    const client = open(fixedSource(policy), { trust: trustIn(authority), credentials: fixedSource(web) });
    const names = ['a.test', 'b.test', 'a.test', 'c.test'];
    const ask = async (servername: string): Promise<Answer> => answerOf(await client.ask({ port, servername }));
    const answers = await Promise.all(names.map(ask));
    for (const name of names) answers.push(await ask(name));
    assert.deepEqual(
      answers.map(({ servername }) => servername),
      [...names, ...names],
      told,
    );
  },
  ({ name }) => name !== 'createFetch',
);

const pooling = ({ pools }: KeptClientUnderTest): boolean => pools;
/** Long enough for a change to find requests under way, whatever the machine is busy with: they are counted in first. */
const slowly = { answersAfterMs: 60 };

/** Waits for what must come about; the test's own timeout is the end of its patience. */
async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await wait(2);
}

forEach(
  'a credential that rotates under requests: what is asked from then on goes on the new one, and nothing fails',
  async ({ server, open, told }) => {
    const { port } = server;
    const credentials = new MutableSource<Credential>(web);
    // Whoever hears of the change before the client does must not get the old one either.
    const early = new Promise<string>((resolve, reject) => {
      credentials.watch(() => {
        client.ask({ port }).then(resolve, reject);
      });
    });
    const client = open(fixedSource(policy), { trust: trustIn(authority), credentials });
    const before = Array.from({ length: 3 }, () => client.ask({ port }));
    await until(() => server.asked() > 0);
    credentials.set(cron);
    const after = Array.from({ length: 3 }, () => client.ask({ port }));
    const clientOf = async (body: Promise<string>): Promise<string> => answerOf(await body).client;
    for (const body of before) assert.match(await clientOf(body), /^(web|cron)$/, told);
    for (const body of [early, ...after, client.ask({ port })]) assert.equal(await clientOf(body), 'cron', told);
    await until(() => server.openOf('web') === 0);
  },
  pooling,
  slowly,
);

forEach(
  'a credential that changed without a word is noticed before the next request, with others under way',
  async ({ server, open, told }) => {
    const { port } = server;
    let now = web;
    const credentials = { current: () => now, watch: () => () => undefined };
    const client = open(fixedSource(policy), { trust: trustIn(authority), credentials });
    assert.equal(answerOf(await client.ask({ port })).client, 'web', told);
    const underWay = client.ask({ port });
    await until(() => server.asked() === 2);
    now = cron;
    const next = client.ask({ port });
    assert.equal(answerOf(await underWay).client, 'web', told);
    assert.equal(answerOf(await next).client, 'cron', told);
  },
  pooling,
  slowly,
);

forEach(
  'a kept connection is not used once its server is no longer trusted, or no longer the right one',
  async ({ server, open, told }) => {
    const { port } = server;
    const bundles = new MutableSource(authority.bundles());
    const peers = new MutableSource<PeerPolicy>(policy);
    const trust = new Trust({ bundles, revocations: fixedSource(withoutRevocation), clock });
    const client = open(peers, { trust, credentials: fixedSource(web) });
    assert.equal(await codeOf(client.ask({ port })), 'admitted', told);
    bundles.set(new TestAuthority().bundles());
    assert.equal(await codeOf(client.ask({ port })), 'CS-PEER-002', told);
    bundles.set(authority.bundles());
    assert.equal(await codeOf(client.ask({ port })), 'admitted', told);
    peers.set(spiffeId('spiffe://test.internal/other'));
    assert.equal(await codeOf(client.ask({ port })), 'CS-PEER-007', told);
    assert.equal(server.asked(), 2, `${told}: nothing was asked of it in between`);
  },
  pooling,
);
