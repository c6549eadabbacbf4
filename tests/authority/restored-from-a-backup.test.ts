import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { encodePem, toBase64Url } from '../../packages/countersign/src/ground/encoding/index.ts';
import { renewalProof } from '../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  enroll,
  type HeldCredential,
  namesOf,
  renew,
  signRequest,
} from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { countersign } from '../e2e/here.ts';
import { connectTo, startWorkload, subscribe } from './feed-house.ts';
import { ask, type ServerHouse, startHouse, temporaryDirectory } from './server-house.ts';

const env = { COUNTERSIGN_BACKUP_PASSPHRASE: 'a passphrase of a test' };

/** The renewal that is proved by the old key, over the network as anybody would send it. */
async function renewByProof(house: ServerHouse, held: HeldCredential): Promise<{ status: number; code: unknown }> {
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const challenged = await ask(house.server.url, root, { path: '/v1/renewal-challenges', method: 'POST', body: {} });
  const challenge = String(challenged.body['challenge']);
  const request = signRequest(namesOf(held.leaf), held.privateKey);
  const signature = toBase64Url(held.privateKey.sign(renewalProof({ challenge, request: request.der })));
  const certificate = encodePem('CERTIFICATE', held.leaf.raw);
  const body = { certificate, request: request.pem, challenge, signature };
  const answer = await ask(house.server.url, root, { path: '/v1/renew-expired', method: 'POST', body });
  return { status: answer.status, code: answer.body['code'] };
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`not within 20 s: ${what}`);
}

test('an authority is lost and restored: traffic goes on, what was revoked stays revoked, no serial comes twice', async (t) => {
  const place = await temporaryDirectory(t);
  const [dir, restored] = [join(place, 'lost'), join(place, 'restored')];
  await mkdir(dir, { mode: 0o700 });
  const house = await startHouse(t, { dir, heartbeatMs: 200 });
  const { port } = house.server;
  const [web, early, steady] = [
    await house.service('web'),
    await house.service('early'),
    await house.service('steady'),
  ];
  const unused = await house.token(['unused']);
  const workload = await startWorkload(t, house, web, 'web'.padEnd(16, '0'));

  // The backup, while it issues.
  const out = join(place, 'authority.backup');
  const [backup] = await Promise.all([
    countersign(['authority', 'backup', '--dir', dir, '--out', out, '--json'], { env }),
    ...Array.from({ length: 20 }, (_, index) => house.service(`meanwhile-${String(index)}`)),
  ]);
  assert.equal(backup.status, 0, backup.err);
  assert.equal(backup.result['online'], true);
  assert.deepEqual(
    (await readdir(dir)).filter((name) => name.startsWith('.snapshot')),
    [],
  );

  // What happens after it is in no backup.
  const [late, lateVictim] = [await house.service('late'), await house.service('late-victim')];
  const rekeyed = await renew({ held: steady, privateKey: generatePrivateKey('P-256') });
  await enroll({ token: unused, privateKey: generatePrivateKey('P-256') });
  const told = [await house.local.revoke({ name: 'early' }), await house.local.revoke({ name: 'late-victim' })];
  assert.ok(told.every(({ enforced, of }) => enforced === of && of === 1));
  const before = new Set<string>();
  for (const { serial } of (await house.local.listCertificates({ limit: 1000 })).certificates) before.add(serial);
  await house.stop();
  await rm(dir, { recursive: true });

  const answer = await countersign(['authority', 'restore', out, '--dir', restored, '--yes', '--json'], { env });
  assert.equal(answer.status, 0, answer.err);
  assert.match(answer.err, /REVOKE AGAIN/);
  const again = await startHouse(t, { dir: restored, heartbeatMs: 200, listen: { host: '127.0.0.1', port } });
  assert.equal(again.server.rootSha256, house.server.rootSha256);

  // The workload finds it by itself, keeps what it was told, and hands back what the authority has lost.
  const victims = [early, lateVictim].map(({ leaf }) => leaf.serialNumber);
  await until('the revocations are handed back', async () => {
    const { revoked, number } = await again.store.revocations.feedState(Date.now());
    const known = new Set(revoked.map(({ serialNumber }) => serialNumber));
    return victims.every((serial) => known.has(serial)) && workload.follower.number === number;
  });
  assert.ok(workload.follower.number > (told[1]?.number ?? 0));
  const fresh = await (await subscribe(t, again, web, 'f'.repeat(16))).next();
  const freshlyTold = new Set(fresh.payload.revoked?.map(({ serialNumber }) => serialNumber));
  assert.ok(
    victims.every((serial) => freshlyTold.has(serial)),
    'who comes new hears of them, too',
  );
  await assert.rejects(
    connectTo(t, workload.port, lateVictim).then(async ({ closed }) => {
      await closed;
      throw new Error('closed');
    }),
  );

  // Renewals of both kinds, of what is on record and of what is not.
  const serials = [
    (await renew({ held: late })).leaf.serialNumber,
    (await renew({ held: rekeyed })).leaf.serialNumber,
    (await renew({ held: web })).leaf.serialNumber,
  ];
  assert.equal((await renewByProof(again, late)).status, 200);
  assert.equal((await renewByProof(again, steady)).status, 200);
  for (const victim of [early, lateVictim]) {
    await assert.rejects(renew({ held: victim }));
    assert.equal((await renewByProof(again, victim)).code, 'CS-RENEW-002');
  }
  await assert.rejects(enroll({ token: unused, privateKey: generatePrivateKey('P-256') }), { code: 'CS-TOKEN-002' });
  assert.ok(serials.every((serial) => !before.has(serial)));
  const listed = (await again.local.listCertificates({ limit: 1000 })).certificates.map(({ serial }) => serial);
  assert.equal(new Set(listed).size, listed.length);

  // The next revocation counts on from the new life, and restoring goes into an empty directory alone.
  assert.ok((await again.local.revoke({ name: 'late' })).number > workload.follower.number - 1);
  const twice = await countersign(['authority', 'restore', out, '--dir', restored, '--yes', '--json'], { env });
  assert.match(twice.err, /CS-BACKUP-004/);
});

test('a backup without the authority running, verified; another passphrase and a damaged file are refused and leave nothing', async (t) => {
  const place = await temporaryDirectory(t);
  const dir = join(place, 'state');
  await mkdir(dir, { mode: 0o700 });
  const house = await startHouse(t, { dir });
  await house.service('web');
  await house.stop();
  const out = join(place, 'authority.backup');
  const backup = await countersign(['authority', 'backup', '--dir', dir, '--out', out, '--json'], { env });
  assert.deepEqual([backup.status, backup.result['online']], [0, false], backup.err);
  const verified = await countersign(['authority', 'backup', 'verify', out, '--json'], { env });
  assert.deepEqual([verified.status, verified.result['trustDomain']], [0, 'dev.internal'], verified.err);
  const other = { COUNTERSIGN_BACKUP_PASSPHRASE: 'another passphrase' };
  const restored = join(place, 'restored');
  const refused = await countersign(['authority', 'restore', out, '--dir', restored, '--yes'], { env: other });
  assert.equal(refused.status, 1);
  assert.match(refused.err, /CS-BACKUP-002/);
  const none = await countersign(['authority', 'backup', '--dir', dir, '--out', join(place, 'other')]);
  assert.match(none.err, /CS-BACKUP-007/);
  assert.deepEqual((await readdir(place)).sort(), ['authority.backup', 'state']);
});
