/** The feed over the local socket: for processes of this machine that have no certificate. */
import assert from 'node:assert/strict';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { RevocationState, type RevocationView } from '../../packages/countersign/src/identity/revocation/index.ts';
import type { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { MutableSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { toBundles } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { type FeedEvent, followFeed } from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { ended, event, start } from '../e2e/command.ts';
import { type ServerHouse, startHouse } from './server-house.ts';

async function followLocally(t: TestContext, house: ServerHouse, bundle: BundleSet) {
  const bundles = new MutableSource(bundle);
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const trust = new Trust({ bundles, revocations, clock: systemClock, lease: 'continueAfterLease' });
  const events: FeedEvent[] = [];
  const follower = followFeed({
    socket: join(house.dir, 'authority.sock'),
    rootSha256: house.server.rootSha256,
    ...{ bundles, revocations, trust, clock: systemClock },
    endpoint: 'local'.padEnd(16, '0'),
    onEvent: (event) => events.push(event),
  });
  t.after(async () => {
    await follower.close();
    trust.close();
  });
  return { follower, revocations, events };
}

test('a process without a certificate follows the feed at the socket, is waited for, counted and shown; it says farewell', async (t) => {
  const house = await startHouse(t);
  const web = await house.service('web');
  assert.equal((await lstat(join(house.dir, 'authority.sock'))).mode & 0o777, 0o600);
  const { follower, revocations, events } = await followLocally(t, house, toBundles(web));
  await follower.ready;
  const { enforced, of, unreachable } = await house.local.revoke({ identity: 'web' });
  assert.deepEqual([enforced, of, unreachable], [1, 1, []]);
  const found = revocations.current().scopeOf?.({
    identity: 'spiffe://dev.internal/web',
    issuerKeys: () => [],
    notBefore: () => 0,
  });
  assert.equal(found?.kind, 'identity');
  const status = await house.local.status();
  assert.deepEqual([status.endpoints?.subscribed, status.endpoints?.continuing], [1, 1]);
  assert.deepEqual(status.lease, { seconds: 43_200, heartbeatSeconds: 5 });
  const means = status.revocation ?? [];
  const life = means.at(-1)?.worstSeconds;
  assert.deepEqual(
    means.map((one) => [one.means, one.worstSeconds]),
    [
      ['feed', 43_200],
      ['feed', life],
      ['none', life],
    ],
  );
  await follower.close({ leaving: true });
  assert.ok(events.some(({ type }) => type === 'left'));
  assert.equal((await house.local.status()).endpoints?.leased, 0);
});

test('status --follow tells what happens as it happens, and is nobody to wait for', async (t) => {
  const house = await startHouse(t);
  const [web] = [await house.service('web'), await house.service('db')];
  await house.local.revoke({ identity: 'db' });
  const child = start(['status', '--follow', '--dir', house.dir, '--json']);
  const [following, held, revoked, released] = ['following', 'held', 'revoked', 'released'].map((name) =>
    event(child, name),
  );
  const end = ended(child);
  assert.deepEqual([(await following)?.['certificates'], (await following)?.['others']], [1, 1]);
  const { enforced, of } = await house.local.hold({ name: 'web' });
  assert.deepEqual([enforced, of], [0, 0]);
  const serial = web.leaf.serialNumber;
  assert.equal((await held)?.['serial'], serial);
  await house.local.release({ serial });
  assert.equal((await released)?.['serial'], serial);
  await house.local.revoke({ identity: 'mail', reason: 'superseded' });
  const { identity, reason, number } = (await revoked) ?? {};
  assert.deepEqual([identity, reason, number], ['spiffe://dev.internal/mail', 'superseded', 4]);
  const { endpoints } = await house.local.status();
  assert.deepEqual([endpoints?.subscribed, endpoints?.leased], [0, 0]);
  child.kill('SIGINT');
  assert.equal((await end).status, 130);
});

test('another user of the machine is refused at the socket', async (t) => {
  const house = await startHouse(t, { readPeer: () => ({ uid: 4711, gid: 4711, pid: 1 }) });
  const { follower, events } = await followLocally(t, house, toBundles(await houseOf(t)));
  void follower.ready.catch(() => undefined);
  while (!events.some(({ type }) => type === 'interrupted')) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(JSON.stringify(events.find(({ type }) => type === 'interrupted')), /CS-ACCESS-002|CS-FEED-008/);
});

/** Some credential with a bundle: nothing is asked with it. */
async function houseOf(t: TestContext) {
  return (await startHouse(t)).service('web');
}
