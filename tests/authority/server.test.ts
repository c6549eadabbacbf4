/** The authority as a whole: what it serves, what it refuses at the start, what survives. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { generatePrivateKey, sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { openSqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';
import { enroll, renew } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { ask, presented, startHouse, temporaryDirectory } from './server-house.ts';

test('from nothing to a certificate, a renewal and a list of both', async (t) => {
  const house = await startHouse(t, { trustDomain: 'corp.internal' });
  const held = await house.service('web', 'web.internal');
  assert.deepEqual(held.leaf.subjectAltName.uri, ['spiffe://corp.internal/web']);
  assert.equal(sha256Hex(held.roots[0]!.raw), house.server.rootSha256);
  const next = await renew({ held });
  const { certificates } = await house.local.listCertificates({});
  const listed = certificates.filter(({ names }) => names.includes('web'));
  assert.deepEqual(
    listed.map(({ serial, status }) => [serial, status]),
    [held, next].map(({ leaf }) => [leaf.serialNumber, 'valid']),
  );
  const status = await house.local.status();
  const { url, root, trustDomain, pid, ready, reasons, certificates: counted, persons } = status;
  assert.deepEqual(
    { url, root, trustDomain, pid, persons },
    {
      url: house.server.url,
      root: house.server.rootSha256,
      trustDomain: 'corp.internal',
      pid: process.pid,
      persons: { issuer: 1, root: 1 },
    },
  );
  // Two of the authority's own.
  assert.deepEqual([ready, reasons, counted], [true, [], { valid: 4, revoked: 0, expired: 0 }]);
});

test('whoami says as whom the authority sees the caller', async (t) => {
  const house = await startHouse(t);
  const held = await house.service('web');
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const { status, body } = await ask(house.server.url, root, { path: '/v1/whoami', as: presented(held) });
  assert.deepEqual(
    [status, body['spiffeId'], body['serial']],
    [200, 'spiffe://dev.internal/web', held.leaf.serialNumber],
  );
});

test('everything of value survives a restart: pin, certificates, tokens, revocations', async (t) => {
  const first = await startHouse(t);
  const held = await first.service('web');
  const token = await first.token(['db']);
  const answer = await first.local.revoke({ serial: held.leaf.serialNumber });
  const second = await first.restart();
  assert.equal(second.server.rootSha256, first.server.rootSha256);
  const db = await enroll({
    token: token.replace(first.server.url, ''),
    privateKey: generatePrivateKey('P-256'),
  }).catch((error: unknown) => error);
  // The port is another one, so the token points into the void; the token itself is known still.
  assert.ok(db instanceof Error);
  const again = await second.local.revoke({ serial: held.leaf.serialNumber });
  assert.deepEqual([again.number, again.serials], [answer.number, answer.serials]);
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const refused = await ask(second.server.url, root, { path: '/v1/whoami', as: presented(held) });
  assert.deepEqual([refused.status, refused.body['code']], [403, 'CS-PEER-008']);
});

test('keys are for their owner alone, and a first run that was cut short leaves nothing in the way', async (t) => {
  const dir = await temporaryDirectory(t);
  await mkdir(join(dir, '.authority.0011223344556677'));
  await writeFile(join(dir, '.authority.0011223344556677', 'root.pem'), 'half a file');
  const house = await startHouse(t, { dir });
  assert.deepEqual(
    (await readdir(dir)).filter((name) => name.startsWith('.')),
    [],
  );
  for (const name of await readdir(join(dir, 'authority'))) {
    assert.equal((await stat(join(dir, 'authority', name))).mode & 0o077, 0, name);
  }
  assert.equal((await stat(join(dir, 'authority.sock'))).mode & 0o777, 0o600);
  await house.stop();
  assert.ok(!(await readdir(dir)).includes('authority.sock'));
});

test('a world-readable key, a lost key, a lost database and another trust domain are each refused by name', async (t) => {
  const house = await startHouse(t);
  await house.service('web');
  await house.stop();
  const { dir } = house;
  await assert.rejects(startHouse(t, { dir, trustDomain: 'other.internal' }), { code: 'CS-STATE-003' });
  const key = join(dir, 'authority', 'issuer.key.pem');
  await chmod(key, 0o644);
  await assert.rejects(startHouse(t, { dir }), { code: 'CS-KEY-001' });
  await chmod(key, 0o600);
  await rename(key, `${key}.away`);
  await assert.rejects(startHouse(t, { dir }), { code: 'CS-STATE-002' });
  await writeFile(key, generatePrivateKey('P-256').toPem(), { mode: 0o600 });
  await assert.rejects(startHouse(t, { dir }), { code: 'CS-STATE-002' });
  await writeFile(key, 'no key', { mode: 0o600 });
  const rule = 'CS-PEM-001 malformed PEM';
  await assert.rejects(startHouse(t, { dir }), { code: 'CS-STATE-002', evidence: { file: key, rule } });
  await rename(`${key}.away`, key);
  await rename(join(dir, 'authority'), join(dir, 'elsewhere'));
  await assert.rejects(startHouse(t, { dir }), { code: 'CS-STATE-002' });
  await rename(join(dir, 'elsewhere'), join(dir, 'authority'));
  for (const name of (await readdir(dir)).filter((file) => file.startsWith('authority.db'))) await rm(join(dir, name));
  await assert.rejects(startHouse(t, { dir }), { code: 'CS-STATE-002' });
});

test('a port in use is refused by name, and leaves nothing running', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.after(() => other.close());
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  const dir = await temporaryDirectory(t);
  await assert.rejects(startHouse(t, { dir, listen: { host: '127.0.0.1', port } }), {
    code: 'CS-AUTHORITY-007',
    evidence: { address: `127.0.0.1:${String(port)}`, why: 'another process listens there (EADDRINUSE)' },
  });
  await startHouse(t, { dir });
});

test('a second process on the same directory is refused and disturbs nothing', async (t) => {
  const house = await startHouse(t);
  await assert.rejects(startHouse(t, { dir: house.dir }), { code: 'CS-STATE-001' });
  await house.service('web');
});

test('something else in the place of the socket is left alone', async (t) => {
  const dir = await temporaryDirectory(t);
  await writeFile(join(dir, 'authority.sock'), 'notes');
  await assert.rejects(startHouse(t, { dir }), { code: 'CS-STATE-002' });
  assert.equal((await stat(join(dir, 'authority.sock'))).size, 5);
});

test('a long directory is no hindrance to the socket', async (t) => {
  const dir = join(await temporaryDirectory(t), 'd'.repeat(90), 'e'.repeat(40));
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const house = await startHouse(t, { dir });
  assert.equal((await house.local.status()).pid, process.pid);
});

test('its own certificate names the listener, and is replaced at half of its life without a connection being lost', async (t) => {
  const house = await startHouse(t, { ownLifeMs: 5_000 });
  const held = await house.service('web');
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const own = (): string[] =>
    house.events.flatMap((event) =>
      event.event === 'own-certificate' && event.profile === 'authority-server' ? [event.serial] : [],
    );
  // node:https verifies the address 127.0.0.1 against the certificate's names.
  assert.equal((await ask(house.server.url, root, { path: '/v1/roots' })).status, 200);
  const start = systemClock.monotonic();
  while (own().length < 2 && systemClock.monotonic() - start < 5_000)
    await ask(house.server.url, root, { path: '/v1/roots' });
  assert.equal(own().length, 2);
});

test('a revoked certificate of its own is replaced before it is told', async (t) => {
  const house = await startHouse(t);
  const held = await house.service('web');
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const { certificates } = await house.local.listCertificates({});
  const own = certificates.filter(({ names }) => names.some((name) => name.includes('/countersign/')));
  assert.equal(own.length, 2);
  for (const { serial } of own) await house.local.revoke({ serial });
  assert.equal((await ask(house.server.url, root, { path: '/v1/roots' })).status, 200);
  await renew({ held });
});

test('after the end of its storage everything is refused, and nothing of the disk is told to the network', async (t) => {
  const house = await startHouse(t);
  const token = await house.token(['web']);
  await house.store.close();
  await assert.rejects(enroll({ token, privateKey: generatePrivateKey('P-256') }), {
    code: 'CS-STORE-002',
    evidence: { operation: 'not said', why: 'not said' },
  });
  await assert.rejects(house.token(['web']), { code: 'CS-STORE-002' });
});

test('the database may be opened by nobody else meanwhile', async (t) => {
  const house = await startHouse(t);
  await assert.rejects(openSqliteStore({ file: join(house.dir, 'authority.db'), clock: systemClock }), {
    code: 'CS-STATE-001',
  });
});

test('callers who leave in the middle of a request disturb nobody', async (t) => {
  const house = await startHouse(t);
  const { root, certificate } = await house
    .service('web')
    .then((held) => ({ root: encodePem('CERTIFICATE', held.roots[0]!.raw), certificate: presented(held) }));
  for (const part of [
    'POST /v1/enroll HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"tok',
    'GET /v1/fe',
    '',
  ]) {
    const socket = connect({
      host: '127.0.0.1',
      port: house.server.port,
      ca: root,
      cert: certificate.chain,
      key: certificate.key.toPem(),
    });
    await new Promise((resolve) => socket.once('secureConnect', resolve));
    await new Promise((resolve) => socket.write(part === '' ? '\0' : part, resolve));
    socket.destroy();
  }
  assert.equal((await ask(house.server.url, root, { path: '/v1/roots' })).status, 200);
});

test('who sends requests without waiting for answers is cut off, before his requests fill the memory', async (t) => {
  const house = await startHouse(t);
  const held = await house.service('web');
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const { chain, key } = presented(held);
  const follow = 'GET /v1/feed HTTP/1.1\r\nHost: a\r\nCountersign-Endpoint: 0000000000000000\r\n\r\n';
  const pipeline = async (requests: number): Promise<{ answered: boolean; closed: boolean }> => {
    const socket = connect({
      host: '127.0.0.1',
      port: house.server.port,
      ca: root,
      cert: chain,
      key: key.toPem(),
    });
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
    const answered = new Promise<boolean>((resolve) => socket.once('data', () => resolve(true)));
    socket.write(follow.repeat(requests));
    return Promise.race([
      answered.then((is) => ({ answered: is, closed: false })),
      closed.then((is) => ({ answered: false, closed: is })),
    ]);
  };
  assert.deepEqual(await pipeline(16), { answered: true, closed: false });
  assert.deepEqual(await pipeline(17), { answered: false, closed: true });
  const refused = house.events.filter((event) => event.event === 'refused').map(({ refusal }) => refusal.code);
  assert.deepEqual(refused, ['CS-ACCESS-010']);
  assert.equal((await ask(house.server.url, root, { path: '/v1/roots' })).status, 200);
});

test('a token in a path is not shown in the log', async (t) => {
  const house = await startHouse(t);
  const root = encodePem('CERTIFICATE', (await house.service('web')).roots[0]!.raw);
  const token = await house.token(['db']);
  const answer = await ask(house.server.url, root, { path: `/v1/enroll/${token}` });
  assert.equal(answer.status, 404);
  assert.ok(!JSON.stringify([answer, house.events]).includes(token.slice(10)));
});
