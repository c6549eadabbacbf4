/**
 * Classes C and G, at the other end of the gateway: a service whose certificate was revoked, or ran out, is not asked any more, on no connection that was opened
 * before either; what it was saying is cut off, another one is asked in its place, and the log says why. Stands for: curl CVE-2016-5420; nginx CVE-2026-28755.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { type Clock, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { toCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import type { AccessRecord, LoadedConfiguration } from '../../packages/countersign/src/traffic/gateway/index.ts';
import { startHouse } from '../authority/server-house.ts';
import { hourMs, makeRoot, makeService, type Holder, type Recipe } from '../fixtures/certificates.ts';
import { answer, startResponder } from '../fixtures/ocsp-scene.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';
import type { Shown } from './trusting-gateway.ts';
import { pemOfAll } from '../fixtures/presented.ts';
import { configurationAt } from '../fixtures/gateway/configurations.ts';
import { openGateway } from '../fixtures/gateway/open-gateway.ts';

const now = Date.now();
const times: Recipe = { notBefore: now - hourMs, notAfter: now + 24 * hourMs };
const root = makeRoot(times);
const service = (name: string, more: Recipe = {}): Holder =>
  makeService(root, { ...times, ...more, names: { dns: [`${name}.internal`] } });
const [first, second, own] = [service('orders'), service('orders'), service('gateway')];
const shownBy = ({ certificate, key }: Holder): Shown => ({ chain: [certificate.raw], key });
const list = (number: number, ...gone: readonly Holder[]): Uint8Array =>
  makeList(root, {
    ...{ number, thisUpdate: now - hourMs + number, nextUpdate: now + hourMs },
    revoked: gone.map((one) => ({ ...entryFor(one), revocationDate: now - hourMs })),
  }).raw;

interface Service {
  readonly target: string;
  /** Paths. */
  readonly asked: string[];
  readonly open: Set<Socket>;
}

async function serving(t: TestContext, { chain, key }: Shown, scheme: 'https' | 'h2'): Promise<Service> {
  const asked: string[] = [];
  const tls = { cert: pemOfAll(chain), key: key.toPem(), requestCert: true, rejectUnauthorized: false };
  const answers = (
    request: { url?: string | undefined },
    response: { write(t: string): unknown; end(t: string): unknown },
  ): void => {
    asked.push(request.url ?? '');
    if (request.url?.endsWith('/stream') === true) response.write('first');
    else response.end('served');
  };
  const server = scheme === 'h2' ? createSecureServer(tls, answers) : createHttpsServer(tls, answers);
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { target: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, open };
}

interface Wanted {
  readonly trust: string;
  readonly targets: readonly Service[];
  readonly files?: Readonly<Record<string, Uint8Array | string>>;
  readonly expect?: string;
  readonly shown?: Shown;
  readonly more?: string;
  readonly clock?: Clock;
}

async function fileOf(
  folder: string,
  { trust, targets, files = {}, shown = shownBy(own), ...wanted }: Wanted,
): Promise<LoadedConfiguration> {
  const { expect = '{ dnsName: orders.internal }', more = '' } = wanted;
  const all = {
    'roots.pem': pemOfAll([root.certificate.raw]),
    'cert.pem': pemOfAll(shown.chain),
    'key.pem': shown.key.toPem(),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) await writeFile(join(folder, name), content, { mode: 0o600 });
  const path = join(folder, 'gateway.yaml');
  await writeFile(
    path,
    `version: 1
listen: { port: 0 }
credentials: { main: { folder: . } }
trust: ${trust}
hosts: { open.test: { certificate: none, credential: main } }
routes: [{ name: all, host: open.test, path: /, upstream: behind }]
upstreams:
  behind:
    targets: [${targets.map(({ target }) => `'${target}'`).join(', ')}]
    balance: round-robin
    tls: { trust: ${/\w[\w.]*/.exec(trust)?.[0] ?? ''}, expect: ${expect}, serverName: orders.internal }
${more}`,
  );
  return configurationAt(path);
}

interface Running {
  readonly records: readonly AccessRecord[];
  /** What the operator is told. */
  readonly warnings: () => readonly string[];
  ask(path?: string, method?: string): Promise<string>;
  /** An answer of which something came; resolves with it when the connection is gone. */
  stream(): Promise<{ readonly ended: Promise<void> }>;
  reload(wanted: Wanted): Promise<void>;
}

async function running(t: TestContext, wanted: Wanted): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { clock = systemClock } = wanted;
  const { gateway, port, records, warnings } = await openGateway(t, await fileOf(folder, wanted), { clock });
  const opened = (path: string, method: string): Socket => {
    const socket = connectTls({ host: '127.0.0.1', port, servername: 'open.test', rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: open.test\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    return socket;
  };
  return {
    records,
    warnings: () =>
      warnings.map(({ code, evidence: { upstream, target, code: reason } }) =>
        [code, upstream, target, reason].join(' '),
      ),
    ask: async (path = '/', method = 'GET') => {
      const socket = opened(path, method);
      let seen = '';
      socket.on('data', (octets: Buffer) => (seen += octets.toString()));
      await new Promise((resolve) => socket.once('close', resolve));
      return `${/^HTTP\/1\.1 (\d+)/.exec(seen)?.[1] ?? 'nothing'} ${/CS-[A-Z]+-\d+/.exec(seen)?.[0] ?? /served/.exec(seen)?.[0] ?? ''}`;
    },
    stream: async () => {
      const socket = opened('/stream', 'GET');
      const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      let seen = '';
      await new Promise<void>((resolve) =>
        socket.on('data', (octets: Buffer) => {
          seen += octets.toString();
          if (seen.includes('first')) resolve();
        }),
      );
      return { ended };
    },
    reload: async (next) => {
      const loaded = await fileOf(folder, next);
      await gateway.prepare(loaded);
      gateway.apply(loaded);
    },
  };
}

async function gone({ open }: Service): Promise<void> {
  await Promise.all([...open].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
}

for (const scheme of ['https', 'h2'] as const)
  test(`${scheme}: a list that names it ends what it says and what is pooled, and the other one is asked`, async (t) => {
    const targets = [await serving(t, shownBy(first), scheme), await serving(t, shownBy(second), scheme)] as const;
    const by = (gone: readonly Holder[], number: number): Wanted => ({
      trust: `{ corp: { anchors: [roots.pem], revocation: { crl: [corp-${number}.crl] } } }`,
      ...{ targets, files: { [`corp-${number}.crl`]: list(number, ...gone) } },
    });
    const at = await running(t, by([], 1));
    for (let asked = 0; asked < 4; asked += 1) assert.equal(await at.ask('/before'), '200 served');
    assert.ok(targets.every(({ asked }) => asked.length === 2));
    const streams = [await at.stream(), await at.stream()];
    let left = 0;
    for (const { ended } of streams) void ended.then(() => (left += 1));
    const going = gone(targets[0]);
    await at.reload(by([first], 2));
    await going;
    await Promise.race(streams.map(({ ended }) => ended));
    targets[0].asked.length = 0;
    for (let asked = 0; asked < 4; asked += 1) assert.equal(await at.ask('/after'), '200 served');
    assert.equal(await at.ask('/after', 'POST'), '200 served', 'nothing of it was said to the first');
    assert.deepEqual(targets[0].asked, []);
    assert.equal(left, 1, 'what the other one says goes on');
    const cut = at.records.find(({ path }) => path === '/stream');
    assert.equal(`${cut?.status} ${cut?.code}`, '200 CS-GATEWAY-041');
    assert.deepEqual(at.warnings(), [`CS-GATEWAY-041 behind ${targets[0].target} CS-PEER-008`], 'once, and why');
    await at.reload(by([first, second], 3));
    assert.equal(await at.ask(), '502 CS-GATEWAY-041');
    assert.equal(at.records.at(-1)?.code, 'CS-GATEWAY-041');
    for (let asked = 0; asked < 4; asked += 1) await at.ask();
    assert.deepEqual(
      at.warnings(),
      targets.map(({ target }) => `CS-GATEWAY-041 behind ${target} CS-PEER-008`),
    );
  });

test('a responder is asked before anything is said to a service, and one that it says nothing of is not asked', async (t) => {
  const targets = [await serving(t, shownBy(first), 'https'), await serving(t, shownBy(second), 'https')] as const;
  const { url, says, close } = await startResponder();
  t.after(() => close());
  const common = { signer: root, certificateIssuer: root, certificates: [], thisUpdate: now - 60_000 };
  says(({ serial }) =>
    serial === first.certificate.serialNumber
      ? answer({ of: first, status: { status: 'revoked', revocationTime: now - hourMs }, ...common })
      : answer({ of: second, ...common }),
  );
  const trust = `{ corp: { anchors: [roots.pem], revocation: { ocsp: '${url}', allowPrivateSources: true } } }`;
  const at = await running(t, { trust, targets });
  for (const method of ['GET', 'POST', 'GET']) assert.equal(await at.ask('/', method), '200 served');
  assert.deepEqual(targets[0].asked, []);
  says(() => Uint8Array.of(0x30, 0));
  await at.reload({ trust, targets: [await serving(t, shownBy(service('orders')), 'https')] });
  assert.equal(await at.ask(), '502 CS-GATEWAY-041');
});

test("the authority's revocation ends what its service says, and nothing that is pooled is used", async (t) => {
  const house = await startHouse(t);
  const [held, orders] = await Promise.all([house.service('gateway'), house.service('orders')]);
  const shown = (one: typeof held): Shown => ({ chain: toCredential(one).chain, key: one.privateKey });
  const behind = await serving(t, shown(orders), 'https');
  const at = await running(t, {
    trust: `{ dev.internal: { anchors: [roots.pem], feed: { socket: ${join(house.dir, 'authority.sock')} } } }`,
    ...{ targets: [behind], files: { 'roots.pem': pemOfAll(held.roots.map(({ raw }) => raw)) }, shown: shown(held) },
    expect: '{ spiffeId: spiffe://dev.internal/orders }',
  });
  assert.equal(await at.ask(), '200 served');
  const stream = await at.stream();
  await house.local.revoke({ serial: orders.leaf.serialNumber });
  await stream.ended;
  assert.equal(await at.ask('/after'), '502 CS-GATEWAY-041');
  assert.deepEqual(behind.asked, ['/', '/stream']);
});

for (const scheme of ['https', 'h2'] as const)
  test(`${scheme}: a connection whose certificate has run out carries no request, however late its end comes`, async (t) => {
    const behind = await serving(t, shownBy(service('orders', { notAfter: now + hourMs })), scheme);
    let ahead = 0;
    // As on a machine that slept: no timer has run.
    const clock: Clock = { ...bound(systemClock), now: () => systemClock.now() + ahead };
    const at = await running(t, { trust: '{ corp: { anchors: [roots.pem] } }', targets: [behind], clock });
    assert.equal(await at.ask('/before'), '200 served');
    assert.equal(await at.ask('/before'), '200 served');
    ahead = 2 * hourMs;
    assert.equal(await at.ask('/after'), '502 CS-GATEWAY-041');
    assert.deepEqual(behind.asked, ['/before', '/before']);
  });

function bound(clock: Clock): Clock {
  return { now: () => clock.now(), monotonic: () => clock.monotonic(), after: (...given) => clock.after(...given) };
}
