/** What an endpoint hands back to an authority that was restored from a snapshot: identities and holds, too; and the lists' numbers, which go on. */
import assert from 'node:assert/strict';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { type CertificateList, parseCertificateList } from '../../packages/countersign/src/identity/x509/index.ts';
import { listFolder } from '../../packages/countersign/src/issuing/authority/index.ts';
import type { AuthoritySettings } from '../../packages/countersign/src/issuing/server/index.ts';
import { auditEvent } from '../../packages/countersign/src/runtime/audit/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { beginNewLife } from '../../packages/countersign/src/store/sqlite/index.ts';
import type { HeldCredential } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { startWorkload } from './feed-house.ts';
import { ask, presented, type ServerHouse, startHouse, temporaryDirectory } from './server-house.ts';

const settings: AuthoritySettings = { publishing: { listen: '127.0.0.1:0' }, crl: { url: 'http://crl.example' } };

async function answerTo(port: number, held: HeldCredential): Promise<[number, unknown]> {
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const asked = { path: '/', as: presented(held), unnamed: true };
  const { status, body } = await ask(`https://localhost:${String(port)}`, root, asked);
  return [status, body['code']];
}

async function listWith(house: ServerHouse, of: HeldCredential, serials: readonly string[]): Promise<CertificateList> {
  const issuer = of.intermediates[0]!;
  const url = `${house.server.publishingUrl() ?? ''}/crl/${listFolder(issuer.publicKey.raw)}/all.crl`;
  for (;;) {
    const answered = await fetch(url);
    // The first lists may not be made yet.
    if (answered.status === 503) continue;
    const list = parseCertificateList(new Uint8Array(await answered.arrayBuffer()));
    const found = [...list.revoked].map(({ serialNumber }) => serialNumber);
    if (found.sort().join() === [...serials].sort().join()) return list;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const crlNumber = (list: CertificateList): bigint => BigInt(`0x${list.crlNumber ?? ''}`);
const serial = (held: HeldCredential): string => held.leaf.serialNumber;

test('identities and holds of the lost time are handed back, a hold that had ended holds again, and the list numbers go on', async (t) => {
  const place = await temporaryDirectory(t);
  const [dir, restored] = [join(place, 'lost'), join(place, 'restored')];
  await mkdir(dir, { mode: 0o700 });
  await mkdir(restored, { mode: 0o700 });
  const house = await startHouse(t, { dir, heartbeatMs: 100, settings: new MutableSource(settings) });
  const names = ['orders', 'web', 'db', 'mail'] as const;
  const [orders, web, db, mail] = (await Promise.all(names.map((name) => house.service(name)))) as [
    HeldCredential,
    HeldCredential,
    HeldCredential,
    HeldCredential,
  ];
  const workload = await startWorkload(t, house, orders, 'orders'.padEnd(16, '0'));
  await house.local.hold({ name: 'mail' });
  const backupAtMs = Date.now();
  await house.store.snapshots.take(join(restored, 'authority.db'));

  // In no backup.
  await house.local.release({ serial: serial(mail) });
  await house.local.hold({ name: 'web' });
  const { number } = await house.local.revoke({ identity: 'db' });
  const before = crlNumber(await listWith(house, orders, [serial(web), serial(db)]));
  await house.stop();

  await cp(join(dir, 'authority'), join(restored, 'authority'), { recursive: true });
  const event = auditEvent('backup.restore', { atMs: Date.now(), actor: { kind: 'service', name: 'test' } });
  beginNewLife({ file: join(restored, 'authority.db'), backupAtMs, nowMs: Date.now(), event });
  const { port } = house.server;
  const again = await startHouse(t, {
    ...{ dir: restored, heartbeatMs: 100, settings: new MutableSource(settings) },
    listen: { host: '127.0.0.1', port },
  });

  // Handed back over the network by the workload, and told to it again.
  const list = await listWith(again, orders, [serial(mail), serial(web), serial(db)]);
  assert.ok(crlNumber(list) > before);
  assert.equal(list.revoked.find(serial(web))[0]?.reason, 'certificateHold');
  assert.equal(list.revoked.find(serial(mail))[0]?.reason, 'certificateHold');
  const { scopes = [] } = await again.store.revocations.feedState(Date.now());
  assert.deepEqual(
    scopes.map((scope) => (scope.kind === 'identity' ? scope.identity : scope.kind)),
    ['spiffe://dev.internal/db'],
  );
  for (const held of [web, mail]) assert.deepEqual(await answerTo(workload.port, held), [403, 'CS-PEER-020']);
  assert.deepEqual(await answerTo(workload.port, db), [403, 'CS-PEER-008']);

  // Both holds can be ended in the new life, by everybody and in the next list.
  for (const held of [web, mail]) {
    const released = await again.local.release({ serial: serial(held) });
    assert.deepEqual([released.enforced, released.of, released.number > number], [1, 1, true]);
    assert.deepEqual(await answerTo(workload.port, held), [200, undefined]);
  }
  assert.ok(crlNumber(await listWith(again, orders, [serial(db)])) > crlNumber(list));
});
