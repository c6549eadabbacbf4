/** A gateway of two processes is one to its callers and its operator: one log, one reload, one limit; a worker that dies takes only its own with it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { TestAuthority } from '../../packages/countersign/src/surfaces/testing/index.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';
import type { Event } from './command.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';

const authority = new TestAuthority();
const domain = authority.trustDomain;
const burst = 10;

const text = (upstream: number, acme: string): string => `version: 1
listen: { port: 0 }
workers: 2
admin: { socket: admin.sock }
state: { folder: kept }
credentials: { main: { folder: . } }
trust: { ${domain}: { anchors: [roots.pem] } }
partners:
  - { name: acme, state: ${acme}, trust: ${domain}, who: [{ spiffeId: spiffe://${domain}/acme }] }
  - name: beta
    trust: ${domain}
    who: [{ spiffeId: spiffe://${domain}/beta }]
    limits: { requestsPerSecond: 0.001, burst: ${burst} }
hosts: { api.test: { certificate: required, credential: main, trust: [${domain}] } }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: [acme, beta], upstream: plain }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstream}'] } }
`;

const pem = (certificates: readonly Uint8Array[]): string =>
  certificates.map((der) => encodePem('CERTIFICATE', der)).join('');

function tlsOf(as: string): { readonly cert: string; readonly key: string } {
  const { chain, privateKey } = authority.issue(as);
  return { cert: pem(chain), key: privateKey.toPem() };
}

interface Running extends GatewayProcess {
  readonly workers: () => readonly Event[];
  readonly write: (acme: string) => Promise<void>;
}

async function running(t: TestContext): Promise<Running> {
  const upstream = await listeningOn(t, (_, response) => response.end('done'));
  const folder = await mkdtemp(join(tmpdir(), 'workers-'));
  t.after(() => rm(folder, { recursive: true }));
  const { chain, privateKey } = authority.issue('gateway');
  const [bundle] = authority.bundles().all();
  await writeFile(join(folder, 'cert.pem'), pem(chain));
  await writeFile(join(folder, 'key.pem'), privateKey.toPem(), { mode: 0o600 });
  await writeFile(join(folder, 'roots.pem'), pem((bundle?.anchors ?? []).map(({ raw }) => raw)));
  const path = join(folder, 'gateway.yaml');
  const write = (acme: string): Promise<void> => writeFile(path, text(upstream, acme));
  await write('active');
  const gateway = await startGatewayProcess(path);
  return { ...gateway, workers: () => gateway.events.filter(({ event }) => event === 'worker'), write };
}

async function call(port: number, tls: ReturnType<typeof tlsOf>, agent?: Agent): Promise<number> {
  const asking = httpsRequest({
    host: '127.0.0.1',
    port,
    path: '/payments/1',
    servername: 'api.test',
    headers: { host: 'api.test' },
    rejectUnauthorized: false,
    agent: agent ?? new Agent(),
    ...tls,
  }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
  return answer.statusCode ?? 0;
}

interface Status {
  readonly workers: readonly { readonly value: { readonly pid: number; readonly connections: number } }[];
}

test('two workers are one gateway', async (t) => {
  const { child, port, workers, heard, seen, write, end } = await running(t);
  const acme = tlsOf('acme');
  assert.equal(new Set(workers().map(({ pid }) => pid)).size, 2);

  const agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const open = await Promise.all(agents.map(async (agent) => [agent, await call(port, acme, agent)] as const));
  assert.ok(open.every(([, status]) => status === 200));
  const { workers: before } = JSON.parse(await seen('/status')) as Status;
  const [victim] = before;
  assert.ok(victim !== undefined && before.every(({ value }) => value.connections > 0), 'both have some');

  process.kill(victim.value.pid, 'SIGKILL');
  const ended = await heard(({ event, code }) => event === 'refused' && code === 'CS-GATEWAY-075');
  assert.equal((ended['evidence'] as Event)['reason'], 'SIGKILL');
  // The log may tell of the end before the sockets here do.
  const stillOpen = (): readonly Agent[] => agents.filter((agent) => Object.keys(agent.freeSockets).length > 0);
  while (agents.length - stillOpen().length < victim.value.connections) await new Promise(setImmediate);
  const left = stillOpen();
  assert.equal(agents.length - left.length, victim.value.connections, 'only its own were closed');
  assert.deepEqual([...new Set(await Promise.all(left.map((agent) => call(port, acme, agent))))], [200]);
  await heard(({ event, pid }) => event === 'worker' && !before.some(({ value }) => value.pid === pid));
  assert.equal(workers().length, 3);

  const beta = tlsOf('beta');
  let [passed, refusedInARow] = [0, 0];
  while (refusedInARow < 12) {
    const status = await call(port, beta);
    if (status === 200) passed += 1;
    refusedInARow = status === 429 ? refusedInARow + 1 : 0;
  }
  // Each may have let a burst through before it heard of the other.
  assert.ok(passed >= burst && passed <= 2 * burst, String(passed));

  const metrics = await seen('/metrics');
  assert.match(metrics, /^countersign_gateway_worker_restarts_total 1$/m);
  assert.match(metrics, new RegExp(`route="payments",decision="denied",code="CS-GATEWAY-055"} \\d+`));
  const calls = JSON.parse(await seen('/last-calls')) as readonly Event[];
  assert.deepEqual(calls.map(({ partner }) => partner).toSorted(), ['acme', 'beta']);

  const again = await Promise.all(agents.map((agent) => call(port, acme, agent)));
  assert.deepEqual([...new Set(again)], [200]);
  await write('suspended');
  child.kill('SIGHUP');
  const { generation, closedConnections } = await heard(({ event }) => event === 'configuration');
  assert.deepEqual({ generation, closedConnections }, { generation: 2, closedConnections: 16 });
  assert.equal(await call(port, acme), 403);
  assert.equal((JSON.parse(await seen('/readyz')) as Event)['serving'], 2);

  assert.equal(await end(), 0);
});
