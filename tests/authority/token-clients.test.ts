/** Clients of the token issuer that administrators register: beside those of the settings, over a restart, through a restore; their tokens end with them. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { type AuthoritySettings, authoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { type AdministeredAuthority, openRemoteAuthority } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  enroll,
  type HeldCredential,
  toBundles,
  toCredential,
} from '../../packages/countersign/src/traffic/enrollment/index.ts';
import type { Ended } from '../e2e/command.ts';
import { countersign } from '../e2e/here.ts';
import { type Answer, ask, presented, type ServerHouse, startHouse, temporaryDirectory } from './server-house.ts';

const orders = 'https://orders.test';
const named = (name: string): string => `spiffe://dev.internal/${name}`;
const env = { COUNTERSIGN_BACKUP_PASSPHRASE: 'a passphrase of a test' };

const ofSettings = {
  client_id: 'fixed',
  token_endpoint_auth_method: 'tls_client_auth',
  tls_client_auth_san_uri: named('fixed'),
  scope: 'read',
  resources: [orders],
};

const settings = (): MutableSource<AuthoritySettings> =>
  new MutableSource(
    authoritySettings.parse({
      tokenIssuer: {
        issuer: 'https://issuer.internal',
        listen: '127.0.0.1:0',
        clients: [ofSettings],
        resourceServers: [{ resource: orders, who: named('orders') }],
      },
    }),
  );

interface Scene {
  readonly house: ServerHouse;
  readonly dir: string;
  readonly place: string;
  /** Of the command, at this authority. */
  readonly client: (...words: string[]) => Promise<Ended>;
  readonly add: () => Promise<Ended>;
}

async function scene(t: TestContext): Promise<Scene> {
  const place = await temporaryDirectory(t);
  const house = await startHouse(t, { settings: settings() });
  const client = (...words: string[]): Promise<Ended> =>
    countersign(['token', 'client', ...words, '--dir', house.dir, '--json'], {});
  const add = (): Promise<Ended> =>
    client('add', 'acme', '--san-uri', named('web'), '--scope', 'read', '--resource', orders);
  return { house, dir: house.dir, place, client, add };
}

function post(house: ServerHouse, path: string, as: HeldCredential, form: Record<string, string>): Promise<Answer> {
  const url = house.server.tokenIssuerUrl() ?? assert.fail('no token issuer');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(form).toString();
  const root = as.roots.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  return ask(url, root, { path, method: 'POST', body, headers, as: presented(as), unnamed: true });
}

const asked = (house: ServerHouse, as: HeldCredential): Promise<Answer> =>
  post(house, '/token', as, { grant_type: 'client_credentials', client_id: 'acme' });

async function tokenOf(house: ServerHouse, as: HeldCredential): Promise<string> {
  const answer = await asked(house, as);
  assert.equal(answer.status, 200, answer.text);
  return String(answer.body['access_token']);
}

const isActive = async (house: ServerHouse, by: HeldCredential, token: string): Promise<unknown> =>
  (await post(house, '/introspect', by, { token })).body['active'];

test('a client that was added gets tokens, which end when it is removed, and do not come back with its name', async (t) => {
  const { house, client, add } = await scene(t);
  const [web, resource] = await Promise.all([house.service('web'), house.service('orders')]);
  assert.equal((await asked(house, web)).status, 401);
  const added = await add();
  assert.deepEqual([added.status, added.result['issuer']], [0, 'https://issuer.internal'], added.err);
  const first = await tokenOf(house, web);
  assert.equal(await isActive(house, resource, first), true);

  const again = await add();
  assert.deepEqual([again.status, again.result['code']], [1, 'CS-OAUTH-014']);
  const taken = await client('add', 'fixed', '--san-uri', named('web'), '--resource', orders);
  assert.deepEqual([taken.status, taken.result['code']], [1, 'CS-OAUTH-014']);
  const listed = (await client('list')).events.filter(({ event }) => event === 'client');
  assert.deepEqual(
    listed.map(({ clientId, from }) => [clientId, from]),
    [
      ['acme', 'administrator'],
      ['fixed', 'settings'],
    ],
  );

  const restarted = await house.restart();
  assert.equal(await isActive(restarted, resource, first), true, 'it is kept');
  assert.equal((await client('remove', 'fixed')).result['code'], 'CS-OAUTH-013');
  assert.equal((await client('remove', 'acme')).status, 0);
  assert.equal(await isActive(restarted, resource, first), false);
  assert.equal((await asked(restarted, web)).status, 401);
  assert.equal((await client('remove', 'acme')).result['code'], 'CS-OAUTH-013');

  assert.equal((await add()).status, 0);
  const second = await tokenOf(restarted, web);
  assert.deepEqual(
    [await isActive(restarted, resource, first), await isActive(restarted, resource, second)],
    [false, true],
  );
  const last = await restarted.restart();
  assert.deepEqual([await isActive(last, resource, first), await isActive(last, resource, second)], [false, true]);
  const told = (await last.store.audit.read(1, 100)).filter(({ action }) => action.startsWith('token-client.'));
  assert.deepEqual(
    told.map(({ action, facts }) => [action, facts['client'], facts['actorKind']]),
    ['add', 'remove', 'add'].map((what) => [`token-client.${what}`, 'acme', 'local-user']),
  );
});

test('after a restore tokens of before count no more, as what was revoked of them is not known; clients are there still', async (t) => {
  const { house, dir, place, add } = await scene(t);
  const [web, resource] = await Promise.all([house.service('web'), house.service('orders')]);
  await add();
  const [kept, revoked] = [await tokenOf(house, web), await tokenOf(house, web)];
  const out = join(place, 'authority.backup');
  const backup = await countersign(['authority', 'backup', '--dir', dir, '--out', out, '--json'], { env });
  assert.equal(backup.status, 0, backup.err);
  assert.equal((await post(house, '/revoke', web, { token: revoked, client_id: 'acme' })).status, 200);
  assert.equal(await isActive(house, resource, revoked), false);
  await house.stop();
  await rm(dir, { recursive: true });

  const words = ['authority', 'restore', out, '--dir', dir, '--yes', '--json'];
  assert.equal((await countersign(words, { env })).status, 0);
  const restored = await startHouse(t, { dir, settings: settings() });
  assert.equal(await isActive(restored, resource, revoked), false);
  assert.equal(await isActive(restored, resource, kept), false);
  const fresh = await tokenOf(restored, web);
  assert.equal(await isActive(restored, resource, fresh), true);
});

test('what can not be meant is refused, each by its code', async (t) => {
  const { client } = await scene(t);
  const code = async (...words: string[]): Promise<unknown> => (await client(...words)).result['code'];
  assert.equal(await code('add', 'acme', '--resource', orders), 'CS-USAGE-004');
  const two = ['--san-uri', named('web'), '--san-dns', 'web.internal'];
  assert.equal(await code('add', 'acme', ...two, '--resource', orders), 'CS-USAGE-004');
  const quoted = ['--scope', '"x"'];
  assert.equal(await code('add', 'acme', '--san-uri', named('web'), ...quoted, '--resource', orders), 'CS-OAUTH-001');
});

test('where two persons decide on what is issued, a client waits for the other one, and an operator alone adds none', async (t) => {
  const source = new MutableSource<AuthoritySettings>({
    administrators: { certificates: { dave: ['issuer', 'operator'], frank: ['operator'] } },
  });
  const house = await startHouse(t, { settings: source });
  const administrator = async (name: string): Promise<AdministeredAuthority> => {
    const { token = '' } = await house.local.addAdministrator({ name, lifeSeconds: 60 });
    const held = await enroll({ token, privateKey: generatePrivateKey('P-256') });
    const at = { url: house.server.url, credential: toCredential(held), bundles: toBundles(held) };
    const authority = openRemoteAuthority(at);
    t.after(() => authority.close());
    return authority;
  };
  const [dave, frank] = [await administrator('dave'), await administrator('frank')];
  const registration = { ...ofSettings, client_id: 'acme' };
  await assert.rejects(frank.addTokenClient({ registration }), { code: 'CS-ACCESS-011' });
  const { proposal } = await house.local.addTokenClient({ registration });
  assert.ok(proposal !== undefined);
  await assert.rejects(frank.listTokenClients({}), { code: 'CS-ACCESS-011' });
  assert.deepEqual((await house.local.listTokenClients({})).clients, []);
  await dave.approveProposal({ id: proposal.id, contentSha256: proposal.contentSha256 });
  const { clients } = await house.local.listTokenClients({});
  assert.deepEqual(
    clients.map(({ clientId }) => clientId),
    ['acme'],
  );
});
