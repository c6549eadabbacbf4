/** A gateway follows the partners of an authority: invited, suspended and removed with effect at once and a count; an authority that is away is no outage. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { Refusal } from '../../packages/countersign/src/ground/errors/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { Gateway, loadConfiguration } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { edge, edgeFolder, partner } from '../e2e/registered-partners.ts';
import { ask, presented, type ServerHouse, startHouse } from './server-house.ts';

interface Edge {
  readonly gateway: Gateway;
  readonly port: number;
  readonly troubles: Refusal[];
  readonly cache: string;
  stop(): Promise<void>;
}

const settingsFor = (gateways: readonly string[] = [edge]): MutableSource<AuthoritySettings> =>
  new MutableSource<AuthoritySettings>({ partners: { gateways } });

/** A gateway whose file lists nobody. @param dir where one was before: with its certificate and its cache */
async function startEdge(t: TestContext, bank: ServerHouse, dir: string): Promise<Edge> {
  const upstream = createServer((asked, answer) => {
    if (asked.url === '/payments/slow') answer.writeHead(200).write('begun');
    else answer.end('paid');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const { port: upstreamPort } = upstream.address() as AddressInfo;
  const path = join(dir, 'gateway.yaml');
  await writeFile(
    path,
    `version: 1
listen: { port: 0 }
credentials: { main: { folder: . } }
trust: { dev.internal: { anchors: [root.pem] } }
registry: { authority: '${bank.server.url}', credential: main, trust: dev.internal, cache: partners.cache }
hosts: { api.test: { certificate: required, credential: main, trust: [dev.internal] } }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: ['registry:*'], upstream: plain }
  - { name: reports, host: api.test, path: /reports/, allow: [acme], upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstreamPort}'] } }
`,
  );
  const loaded = await loadConfiguration(path);
  assert.ok('file' in loaded, 'problems' in loaded ? loaded.problems.join('\n') : '');
  const troubles: Refusal[] = [];
  const gateway = new Gateway(loaded, {
    ...{ clock: systemClock, onAccess: () => undefined, onRefusal: () => undefined, onClosed: () => undefined },
    onWarning: (refusal) => troubles.push(refusal),
  });
  const { port } = await gateway.listen();
  const stop = async (): Promise<void> => {
    await gateway.close({ graceMs: 0 });
    upstream.closeAllConnections();
    upstream.close();
  };
  t.after(stop);
  return { gateway, port, troubles, cache: join(dir, 'partners.cache'), stop };
}

async function opened(port: number, held: HeldCredential, path: string, agent: Agent): Promise<IncomingMessage> {
  const { chain, key } = presented(held);
  const asking = httpsRequest({
    ...{ host: '127.0.0.1', port, path, servername: 'api.test', agent, headers: { host: 'api.test' } },
    ...{ rejectUnauthorized: false, cert: chain, key: key.toPem() },
  });
  asking.end();
  return ((await once(asking, 'response')) as [IncomingMessage])[0];
}

async function outcome(port: number, held: HeldCredential, path: string, agent = new Agent()): Promise<string> {
  const answer = await opened(port, held, path, agent);
  let said = '';
  for await (const piece of answer.setEncoding('utf8')) said += String(piece);
  return /CS-[A-Z]+-\d+/.exec(said)?.[0] ?? said;
}

/** When the gateway has taken the next partners, or begun to follow. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const follows = ({ gateway }: Edge): Promise<void> => until(() => gateway.registryStatus?.state === 'following');

test('who is invited is let in, to the routes of the invitation; suspended, its connections and requests end, and they are counted', async (t) => {
  const bank = await startHouse(t, { settings: settingsFor() });
  const running = await startEdge(t, bank, await edgeFolder(t, bank));
  const { gateway, port } = running;
  await follows(running);
  const [acme, beta] = [await partner(bank, 'acme'), await partner(bank, 'beta', ['reports'])];
  await until(() => gateway.registryStatus?.partners === 2);
  const idle = new Agent({ keepAlive: true });
  assert.equal(await outcome(port, acme, '/payments/1', idle), 'paid');
  assert.equal(await outcome(port, acme, '/reports/1'), 'CS-GATEWAY-015', 'not of its routes');
  assert.equal(await outcome(port, beta, '/payments/1'), 'CS-GATEWAY-015');
  const slow = await opened(port, acme, '/payments/slow', new Agent());
  const broken = new Promise((resolve) => slow.once('close', resolve));
  slow.on('error', () => undefined).resume();
  const { gateways } = await bank.local.suspendPartner({ name: 'acme', reason: 'INC-4711' });
  assert.deepEqual(gateways && { ...gateways, ms: 0, closed: gateways.closed.requests }, {
    ...{ enforced: 1, of: 1, ms: 0, unreachable: [], closed: 1 },
  });
  assert.ok((gateways?.closed.connections ?? 0) >= 1, 'the connection at rest');
  await broken;
  assert.equal(await outcome(port, acme, '/payments/1'), 'CS-GATEWAY-016');
  await bank.local.resumePartner({ name: 'acme' });
  while ((await outcome(port, acme, '/payments/1')) !== 'paid') await new Promise((resolve) => setImmediate(resolve));
  await bank.local.removePartner({ name: 'acme' });
  await until(() => gateway.registryStatus?.partners === 1);
  assert.equal(await outcome(port, acme, '/payments/1'), 'CS-GATEWAY-015');
  idle.destroy();
});

test('an authority that is away is no outage, over a restart of the gateway too; and it is said how old it is', async (t) => {
  const bank = await startHouse(t, { settings: settingsFor() });
  const dir = await edgeFolder(t, bank);
  const first = await startEdge(t, bank, dir);
  const acme = await partner(bank, 'acme');
  await until(() => first.gateway.registryStatus?.partners === 1);
  await bank.stop();
  await until(() => first.troubles.length > 0);
  assert.deepEqual(
    first.troubles.map(({ code }) => code),
    ['CS-GATEWAY-065'],
  );
  assert.equal(await outcome(first.port, acme, '/payments/1'), 'paid');
  await first.stop();
  assert.equal((await stat(first.cache)).mode & 0o777, 0o600);
  const second = await startEdge(t, bank, dir);
  assert.equal(await outcome(second.port, acme, '/payments/1'), 'paid', 'from the cache');
  const { state, partners, ageMs } = second.gateway.registryStatus ?? {};
  assert.deepEqual([state, partners], ['from-cache', 1]);
  assert.ok(ageMs !== undefined && ageMs >= 0);
  await second.stop();
  for (const spoil of [
    async () => writeFile(second.cache, (await readFile(second.cache, 'utf8')).replace('acme', 'acne')),
    async () => chmod(second.cache, 0o644),
  ]) {
    const kept = await readFile(second.cache);
    await spoil();
    const spoiled = await startEdge(t, bank, dir);
    assert.equal(spoiled.troubles[0]?.code, 'CS-GATEWAY-066');
    assert.equal(await outcome(spoiled.port, acme, '/payments/1'), 'CS-GATEWAY-015', 'nothing of it is believed');
    await spoiled.stop();
    await writeFile(second.cache, kept, { mode: 0o600 });
    await chmod(second.cache, 0o600);
  }
});

test('a gateway that is gone without a word is named as unreachable, one that has left is not', async (t) => {
  const bank = await startHouse(t, { settings: settingsFor(), enforcementWaitMs: 100 });
  const running = await startEdge(t, bank, await edgeFolder(t, bank));
  await follows(running);
  await partner(bank, 'acme');
  const mute = await follow(bank, { gateway: 'a-mute-gateway-1' });
  assert.deepEqual(
    (mute['partners'] as { name: string }[]).map(({ name, ...rest }) => [name, Object.keys(rest).sort()]),
    [['acme', ['limits', 'routes', 'state']]],
    'no contacts, no reasons',
  );
  const { gateways } = await bank.local.suspendPartner({ name: 'acme' });
  assert.deepEqual([gateways?.enforced, gateways?.of, gateways?.unreachable.length], [1, 2, 1]);
  assert.equal(gateways?.unreachable[0]?.name, edge);
  await running.stop();
  await follow(bank, { gateway: 'a-mute-gateway-1', leaving: true });
  assert.equal((await bank.local.suspendPartner({ name: 'acme' })).gateways, undefined, 'there is none any more');
});

test('who the partners are is told to the gateways of the settings alone', async (t) => {
  const settings = settingsFor(['spiffe://dev.internal/gateway/*']);
  const bank = await startHouse(t, { settings });
  const acme = await partner(bank, 'acme');
  const asking = { gateway: 'a-mute-gateway-1' };
  assert.equal((await follow(bank, asking, acme))['code'], 'CS-PARTNER-011');
  assert.equal(typeof (await follow(bank, asking))['version'], 'string');
  settings.set({});
  await bank.settled();
  assert.equal((await follow(bank, asking))['code'], 'CS-PARTNER-011');
});

/** By hand, as the gateway asks; as itself where nobody else is said. */
async function follow(bank: ServerHouse, body: object, held?: HeldCredential): Promise<Record<string, unknown>> {
  const as = presented(held ?? (await bank.service(edge)));
  const root = await readFile(join(bank.dir, 'authority', 'root.pem'), 'utf8');
  return (await ask(bank.server.url, root, { method: 'POST', path: '/v1/partners/followers', body, as })).body;
}
