/** Revocation by identity and by issuer's key, holds and their release: in force on live connections, on new ones, on renewals and on tokens. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { issuerKeyOf, type RevokedScope } from '../../packages/countersign/src/identity/revocation/index.ts';
import { generatePrivateKey, sha256 } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, type HeldCredential, renew } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { connectTo, startWorkload, subscribe } from './feed-house.ts';
import { ask, presented, startHouse } from './server-house.ts';

const endpoint = (mark: string): string => mark.padEnd(16, '0');

/** The status with which the workload answers, and the code of its refusal. */
async function answerTo(port: number, held: HeldCredential): Promise<[number, unknown]> {
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const { status, body } = await ask(`https://localhost:${port}`, root, {
    path: '/',
    as: presented(held),
    unnamed: true,
  });
  return [status, body['code']];
}

const renewed = (held: HeldCredential): Promise<HeldCredential> => renew({ held });

test('a revoked identity is cut off everywhere, with the tokens made for it before; a token made since brings it back', async (t) => {
  const house = await startHouse(t);
  const [orders, web, other] = [
    await house.service('orders'),
    await house.service('web', 'www'),
    await house.service('db'),
  ];
  const before = await house.token(['web']);
  const { port } = await startWorkload(t, house, orders, endpoint('orders'));
  const [live, untouched] = [await connectTo(t, port, web), await connectTo(t, port, other)];
  let untouchedClosed = false;
  void untouched.closed.then(() => (untouchedClosed = true));
  const preview = await house.local.previewRevocation({ identity: 'www' });
  assert.deepEqual(preview, { identity: 'spiffe://dev.internal/web', certificates: 1, identities: 1, endpoints: 0 });
  assert.equal((await house.local.listCertificates({ name: 'web' })).certificates[0]?.status, 'valid');
  const answer = await house.local.revoke({ identity: 'www' });
  await live.closed;
  assert.deepEqual(
    [answer.identity, answer.enforced, answer.of, answer.closed, answer.serials],
    ['spiffe://dev.internal/web', 1, 1, 1, [web.leaf.serialNumber]],
  );
  assert.deepEqual(await answerTo(port, web), [403, 'CS-PEER-008']);
  await assert.rejects(renewed(web), { code: 'CS-PEER-008' });
  await assert.rejects(enroll({ token: before, privateKey: generatePrivateKey('P-256') }), { code: 'CS-TOKEN-007' });
  const back = await house.service('web');
  assert.deepEqual(await answerTo(port, back), [200, undefined]);
  assert.equal(untouchedClosed, false);
});

test('an identity of which nothing is on record is revoked all the same, and told to who comes later and after a restart', async (t) => {
  const first = await startHouse(t);
  const orders = await first.service('orders');
  await first.local.revoke({ identity: 'spiffe://dev.internal/lost' });
  const second = await first.restart();
  const stream = await subscribe(t, second, orders, endpoint('late'));
  const { payload } = (await stream.next()) as unknown as { payload: { scopes?: RevokedScope[]; number: number } };
  assert.equal(payload.number, 1);
  const [scope] = payload.scopes ?? [];
  assert.equal(scope?.kind === 'identity' ? scope.identity : '', 'spiffe://dev.internal/lost');
});

test('what names several identities, the authority itself, or no issuer, is refused by name', async (t) => {
  const house = await startHouse(t);
  const web = await house.service('web', 'shared');
  await house.service('db', 'shared');
  await assert.rejects(house.local.revoke({ identity: 'shared' }), { code: 'CS-REVOKE-005' });
  await assert.rejects(house.local.revoke({ identity: 'spiffe://dev.internal/countersign/authority' }), {
    code: 'CS-REVOKE-002',
  });
  const key = issuerKeyOf(web.intermediates[0]!, sha256);
  await assert.rejects(house.local.revoke({ issuer: key }), { code: 'CS-REVOKE-002' });
  await assert.rejects(house.local.revoke({ issuer: web.leaf.serialNumber }), { code: 'CS-REVOKE-002' });
  await assert.rejects(house.local.revoke({ issuer: 'AB12' }), { code: 'CS-REVOKE-004' });
});

test('a held one is cut off and not renewed, and let in again after its release, by the same connection of the feed; the numbers go on', async (t) => {
  const house = await startHouse(t);
  const [orders, web] = [await house.service('orders'), await house.service('web')];
  const serial = web.leaf.serialNumber;
  const { port, follower } = await startWorkload(t, house, orders, endpoint('orders'));
  const live = await connectTo(t, port, web);
  const held = await house.local.hold({ name: 'web' });
  await live.closed;
  assert.deepEqual([held.serials, held.number, held.enforced, held.closed], [[serial], 1, 1, 1]);
  assert.equal((await house.local.listCertificates({ serial })).certificates[0]?.status, 'held');
  assert.deepEqual(await answerTo(port, web), [403, 'CS-PEER-020']);
  await assert.rejects(renewed(web), { code: 'CS-PEER-020' });
  const again = await house.local.hold({ serial });
  assert.equal(again.number, 1);
  const released = await house.local.release({ serial });
  assert.deepEqual([released.serials, released.number, released.enforced, released.of], [[serial], 2, 1, 1]);
  assert.equal(follower.number, 2);
  assert.deepEqual(await answerTo(port, web), [200, undefined]);
  assert.equal((await house.local.listCertificates({ serial })).certificates[0]?.status, 'valid');
  await renewed(web);
  await assert.rejects(house.local.release({ serial }), { code: 'CS-REVOKE-003' });
  const actions = (await house.local.readAudit({ from: 1, limit: 500 })).entries.map(({ action }) => action);
  assert.deepEqual(
    actions.filter((action) => /hold|release/.test(action)),
    ['certificate.hold', 'certificate.release'],
  );
});

test('a hold made good is not released, and stays after a restart; a held line is released as a whole', async (t) => {
  const first = await startHouse(t);
  const web = await first.service('web');
  const next = await renewed(web);
  const held = await first.local.hold({ serial: web.leaf.serialNumber });
  assert.deepEqual([...held.serials].sort(), [web.leaf.serialNumber, next.leaf.serialNumber].sort());
  const second = await first.restart();
  const released = await second.local.release({ serial: next.leaf.serialNumber });
  assert.equal(released.serials.length, 2);
  await second.local.hold({ serial: web.leaf.serialNumber });
  const good = await second.local.revoke({ serial: web.leaf.serialNumber, reason: 'keyCompromise' });
  assert.equal(good.number, 4);
  const third = await second.restart();
  await assert.rejects(third.local.release({ serial: web.leaf.serialNumber }), { code: 'CS-REVOKE-003' });
  const { certificates } = await third.local.listCertificates({ name: 'web' });
  assert.deepEqual(
    certificates.map(({ status }) => status),
    ['revoked', 'revoked'],
  );
});
