/** Two workers follow one registry, answer at one check listener and sign with one key: to the authority and to services they are one gateway. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { type ServerHouse, startHouse } from '../authority/server-house.ts';
import { listeningOn } from '../fixtures/gateway/listening-on.ts';
import type { Event } from './command.ts';
import { call, edge, edgeFolder, partner } from './registered-partners.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';

const text = (authority: string, upstream: number): string => `version: 1
listen: { port: 0 }
workers: 2
admin: { socket: admin.sock }
credentials: { main: { folder: . } }
trust: { dev.internal: { anchors: [root.pem] } }
registry: { authority: '${authority}', credential: main, trust: dev.internal, cache: partners.cache }
check: { port: 0, credential: main }
signing: { issuer: '${edge}', state: keys.json }
hosts: { api.test: { certificate: required, credential: main, trust: [dev.internal] } }
routes:
  - { name: payments, host: api.test, path: /payments/, allow: ['registry:*'], upstream: plain, identity: signed }
upstreams: { plain: { targets: ['http://127.0.0.1:${upstream}'] } }
`;

interface Running extends Pick<GatewayProcess, 'port' | 'heard' | 'end'> {
  readonly check: number;
  readonly seen: (path: string) => Promise<unknown>;
}

async function running(t: TestContext, bank: ServerHouse): Promise<Running> {
  const upstream = await listeningOn(t, ({ headers }, response) => {
    const [head = ''] = String(headers['countersign-identity']).split('.', 1);
    response.end((JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid);
  });
  const path = join(await edgeFolder(t, bank), 'gateway.yaml');
  await writeFile(path, text(bank.server.url, upstream));
  const gateway = await startGatewayProcess(path);
  const check = Number((gateway.listening['check'] as Event)['port']);
  return { ...gateway, check, seen: async (asked) => JSON.parse(await gateway.seen(asked)) as unknown };
}

interface Status {
  readonly workers: readonly { readonly value: { readonly pid: number; readonly connections: number } }[];
  readonly registry: { readonly state: string; readonly partners: number };
}

test('a partner of the registry is suspended at both workers, which is counted once; checks and keys are of one gateway', async (t) => {
  const settings = new MutableSource<AuthoritySettings>({ partners: { gateways: [edge] } });
  // However slow the disk is: what comes in the end is looked at here.
  const bank = await startHouse(t, { settings, enforcementWaitMs: 50_000 });
  const { port, check, heard, seen, end } = await running(t, bank);
  const acme = await partner(bank, 'acme');
  const until = async (holds: (status: Status) => boolean): Promise<Status> => {
    for (;;) {
      const status = (await seen('/status')) as Status;
      if (holds(status)) return status;
    }
  };
  await until(({ registry }) => registry.state === 'following' && registry.partners === 1);

  const agents = Array.from({ length: 16 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
  const answers = await Promise.all(agents.map((agent) => call(port, acme, '/payments/1', agent)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  const { keys } = (await seen('/identity-keys')) as { keys: readonly { kid: string }[] };
  assert.deepEqual([...new Set(answers.map(({ body }) => body))], [keys[0]?.kid], 'one key signs at both');
  const { workers } = (await seen('/status')) as Status;
  assert.ok(
    workers.every(({ value }) => value.connections > 0),
    'both have some',
  );

  const verdict = JSON.parse((await call(check, acme, '/.well-known/countersign/check')).body) as Event;
  assert.deepEqual([verdict['accepted'], verdict['partner']], [true, 'acme']);

  const [first, second] = workers;
  assert.ok(first !== undefined && second !== undefined);
  process.kill(first.value.pid, 'SIGKILL');
  await heard(({ event, worker, pid }) => event === 'worker' && worker === 1 && pid !== first.value.pid);
  const again = await Promise.all(agents.map((agent) => call(port, acme, '/payments/1', agent)));
  assert.deepEqual([...new Set(again.map(({ status, body }) => `${status} ${body}`))], [`200 ${keys[0]?.kid}`]);
  assert.match((await call(check, acme, '/.well-known/countersign/check')).body, /"accepted":true/, 'at its place');

  const { gateways } = await bank.local.suspendPartner({ name: 'acme', reason: 'INC-4711' });
  assert.deepEqual([gateways?.enforced, gateways?.of], [1, 1], 'one gateway');
  assert.ok((gateways?.closed.connections ?? 0) >= 16, String(gateways?.closed.connections));
  for (let asked = 0; asked < 8; asked += 1) {
    const { status, body } = await call(port, acme, '/payments/1');
    assert.equal(status, 403);
    assert.match(body, /CS-GATEWAY-016/);
  }
  assert.equal(await end(), 0);
});
