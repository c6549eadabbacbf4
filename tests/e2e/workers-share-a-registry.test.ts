/** Two workers follow one registry, answer at one check listener and sign with one key: to the authority and to services they are one gateway. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { tokenOfInvitation } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { enroll, type HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { presented, type ServerHouse, startHouse, temporaryDirectory } from '../authority/server-house.ts';
import { type Event, start } from './command.ts';

const edge = 'spiffe://dev.internal/gateway/edge';

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

interface Running {
  readonly port: number;
  readonly check: number;
  readonly heard: (is: (event: Event) => boolean) => Promise<Event>;
  readonly seen: (path: string) => Promise<unknown>;
  readonly end: () => Promise<number>;
}

async function running(t: TestContext, bank: ServerHouse): Promise<Running> {
  const upstream = createServer(({ headers }, response) => {
    const [head = ''] = String(headers['countersign-identity']).split('.', 1);
    response.end((JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }).kid);
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  t.after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  const dir = await temporaryDirectory(t);
  const { chain, key } = presented(await bank.service(edge));
  await writeFile(join(dir, 'cert.pem'), chain);
  await writeFile(join(dir, 'key.pem'), key.toPem(), { mode: 0o600 });
  await writeFile(join(dir, 'root.pem'), await readFile(join(bank.dir, 'authority', 'root.pem')));
  const path = join(dir, 'gateway.yaml');
  await writeFile(path, text(bank.server.url, (upstream.address() as AddressInfo).port));
  const child = start(['gateway', path]);
  child.stderr?.pipe(process.stderr);
  const events: Event[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout ?? assert.fail() }).on('line', (line) => {
    events.push(JSON.parse(line) as Event);
    for (const look of waiting) look();
  });
  const heard = (is: (event: Event) => boolean): Promise<Event> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = events.find(is);
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const listening = await heard(({ event }) => event === 'listening');
  return {
    port: Number(listening['port']),
    check: Number((listening['check'] as Event)['port']),
    heard,
    seen: async (asked) =>
      JSON.parse((await bodyOf(httpRequest({ socketPath: join(dir, 'admin.sock'), path: asked }))).body) as unknown,
    end: async () => {
      child.kill('SIGTERM');
      const [status] = (await once(child, 'exit')) as [number];
      return status;
    },
  };
}

interface Said {
  readonly status: number;
  readonly body: string;
}

async function bodyOf(asking: ReturnType<typeof httpRequest>): Promise<Said> {
  asking.end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  let body = '';
  for await (const piece of answer.setEncoding('utf8')) body += String(piece);
  return { status: answer.statusCode ?? 0, body };
}

function call(port: number, held: HeldCredential, path: string, agent = new Agent()): Promise<Said> {
  const { chain, key } = presented(held);
  return bodyOf(
    httpsRequest({
      ...{ host: '127.0.0.1', port, path, servername: 'api.test', agent, headers: { host: 'api.test' } },
      ...{ rejectUnauthorized: false, cert: chain, key: key.toPem() },
    }),
  );
}

async function partner(bank: ServerHouse, name: string): Promise<HeldCredential> {
  const { link, code } = await bank.local.invitePartner({ name, routes: ['payments'], lifeSeconds: 60 });
  return enroll({ token: tokenOfInvitation(link, code), privateKey: generatePrivateKey('P-256') });
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
