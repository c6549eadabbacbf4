/** Access tokens of an authority, as settings describe them: who gets one, who may ask about it, and how it ends with its certificate. */
import assert from 'node:assert/strict';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { decodeJwt } from 'jose';

import { type AuthoritySettings, authoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { changePassphrase, type KeyPassphrases } from '../../packages/countersign/src/issuing/server/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { filesToBackUp } from '../../packages/countersign/src/cli/backup/files-to-back-up.ts';
import { type Answer, ask, presented, type ServerHouse, startHouse } from './server-house.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';

const orders = 'https://orders.test';

const section = (more: object = {}): AuthoritySettings =>
  authoritySettings.parse({
    tokenIssuer: {
      issuer: 'https://issuer.internal',
      listen: '127.0.0.1:0',
      identities: [{ who: 'spiffe://dev.internal/web', scopes: ['read'], resources: [orders] }],
      resourceServers: [{ resource: orders, who: 'spiffe://dev.internal/orders' }],
      ...more,
    },
  });

function post(house: ServerHouse, path: string, as: HeldCredential, form: Record<string, string>): Promise<Answer> {
  const url = house.server.tokenIssuerUrl() ?? assert.fail('no token issuer');
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams(form).toString();
  const root = as.roots.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  return ask(url, root, { path, method: 'POST', body, headers, as: presented(as), unnamed: true });
}

const grant = { grant_type: 'client_credentials' };
const named = (name: string): string => `spiffe://dev.internal/${name}`;

test('who the settings name gets a token, which ends with its certificate, for good', async (t) => {
  const settings = new MutableSource(section());
  const house = await startHouse(t, { settings });
  const [web, orders1, other] = await Promise.all([
    house.service('web'),
    house.service('orders'),
    house.service('other'),
  ]);
  const answer = await post(house, '/token', web, { ...grant, client_id: named('web') });
  assert.equal(answer.status, 200, answer.text);
  const token = String(answer.body['access_token']);
  assert.equal(decodeJwt(token).iss, 'https://issuer.internal');
  const refused = await post(house, '/token', other, { ...grant, client_id: named('web') });
  assert.deepEqual([refused.status, refused.body['error']], [401, 'invalid_client']);
  assert.equal((await post(house, '/introspect', orders1, { token })).body['active'], true);
  // A resource server alone may ask.
  assert.equal((await post(house, '/introspect', other, { token })).status, 401);

  await t.test('restarted it has the same keys, and the audit log tells of them', async () => {
    const again = await house.restart();
    assert.equal((await post(again, '/introspect', orders1, { token })).body['active'], true);
    const actions = (await again.store.audit.read(1, 100)).map(({ action }) => action);
    assert.equal(actions.filter((action) => action === 'access-token.key').length, 1);

    await again.local.revoke({ serial: web.leaf.serialNumber, reason: 'keyCompromise' });
    assert.deepEqual((await post(again, '/introspect', orders1, { token })).body, { active: false });
    const late = await post(again, '/token', web, { ...grant, client_id: named('web') });
    assert.deepEqual([late.status, late.body['code']], [403, 'CS-PEER-008'], late.text);
  });
});

test('clients follow the settings: registered, suspended, removed; their own revocation lasts and is told', async (t) => {
  const settings = new MutableSource(section());
  const house = await startHouse(t, { settings });
  const web = await house.service('web');
  const wanted = { ...grant, client_id: 'acme' };
  const client = {
    client_id: 'acme',
    token_endpoint_auth_method: 'tls_client_auth',
    tls_client_auth_san_uri: named('web'),
    resources: [orders],
  };
  const become = async (clients: readonly object[]): Promise<Answer> => {
    settings.set(section({ clients }));
    await house.settled();
    return post(house, '/token', web, wanted);
  };
  assert.equal((await post(house, '/token', web, wanted)).status, 401);
  const got = await become([client]);
  assert.equal(got.status, 200, got.text);
  const token = String(got.body['access_token']);
  const orders1 = await house.service('orders');
  assert.equal((await post(house, '/introspect', orders1, { token })).body['active'], true);
  assert.equal((await post(house, '/revoke', web, { token, client_id: 'acme' })).status, 200);
  assert.equal((await post(house, '/introspect', orders1, { token })).body['active'], false);
  const told = (await house.store.audit.read(1, 100)).find(({ action }) => action === 'access-token.revoke');
  assert.equal(told?.facts['tokenId'], decodeJwt(token).jti);
  assert.equal((await become([{ ...client, state: 'suspended' }])).status, 401);
  assert.equal((await become([])).status, 401);
});

test('keys of tokens are under the passphrase of the others, in the backup, and made anew when it changes', async (t) => {
  const under = (text: string): KeyPassphrases => {
    const given = { text, from: 'a test' };
    return { given: () => Promise.resolve(given), opening: () => Promise.resolve(given) };
  };
  const settings = new MutableSource(section());
  const house = await startHouse(t, { settings, passphrases: under('first') });
  const folder = join(house.dir, 'token-issuer', 'keys');
  const keys = (await readdir(folder)).filter((name) => name.endsWith('.key.pem'));
  assert.equal(keys.length, 2);
  for (const name of keys) {
    assert.match(await readFile(join(folder, name), 'utf8'), /^-----BEGIN ENCRYPTED PRIVATE KEY/);
    assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
  }
  const inBackup = (await filesToBackUp(house.dir)).map(({ path }) => path);
  for (const name of [...keys, 'keys.json']) assert.ok(inBackup.includes(`token-issuer/keys/${name}`), name);
  assert.ok(inBackup.includes('token-issuer/revoked'));
  await house.stop();
  await changePassphrase({ dir: house.dir, current: under('first'), next: () => Promise.resolve(undefined) });
  const after = await startHouse(t, { dir: house.dir, settings });
  assert.ok(after.server.tokenIssuerUrl());
  const anew = (await readdir(folder)).filter((name) => name.endsWith('.key.pem'));
  assert.deepEqual(
    anew.filter((name) => keys.includes(name)),
    [],
  );
});

test('settings of tokens that can not be meant are refused', () => {
  const problems = (more: object): string =>
    (authoritySettings.safeParse({ tokenIssuer: { issuer: 'https://i.internal', ...more } }).error?.issues ?? [])
      .map(({ path, message }) => `${path.join('.')}: ${message}`)
      .join();
  assert.equal(problems({}), '');
  assert.match(problems({ issuer: 'http://i.internal' }), /^tokenIssuer\.issuer/);
  assert.match(problems({ life: '2h' }), /^tokenIssuer\.life: from 1s to 1h/);
  assert.match(problems({ clients: [{ client_id: 'a' }] }), /^tokenIssuer\.clients: a: /);
  assert.match(problems({ identities: [{ who: 'web', resources: ['x'] }] }), /^tokenIssuer\.identities\.0\.who/);
});
