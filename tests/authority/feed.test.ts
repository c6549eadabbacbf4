/** Revocation in force: told to every endpoint, counted when it has acknowledged, and honest about those that have not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { sleep, systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import type { AuthorityStatus, StatusReport } from '../../packages/countersign/src/runtime/api/index.ts';
import { connectTo, startWorkload, subscribe } from './feed-house.ts';
import { ask, presented, type ServerHouse, startHouse } from './server-house.ts';

const endpoint = (mark: string): string => mark.padEnd(16, '0');

async function acknowledge(
  house: ServerHouse,
  held: Awaited<ReturnType<ServerHouse['service']>>,
  mark: string,
  number: number,
  closed = 0,
) {
  const root = encodePem('CERTIFICATE', held.roots[0]!.raw);
  const body = { endpoint: endpoint(mark), number, closed };
  return ask(house.server.url, root, { path: '/v1/feed/acknowledgements', method: 'POST', body, as: presented(held) });
}

test('a revocation closes the live connection, and says on how many endpoints in how many milliseconds', async (t) => {
  const house = await startHouse(t);
  const [orders, web] = [await house.service('orders'), await house.service('web')];
  const workload = await startWorkload(t, house, orders, endpoint('orders'));
  const connection = await connectTo(t, workload.port, web);
  const answer = await house.local.revoke({ name: 'web' });
  await connection.closed;
  const { ms, ...rest } = answer;
  assert.deepEqual(rest, {
    serials: [web.leaf.serialNumber],
    number: 1,
    enforced: 1,
    of: 1,
    unreachable: [],
    closed: 1,
  });
  assert.ok(ms > 0 && ms < 2000);
  await assert.rejects(
    connectTo(t, workload.port, web).then(({ closed }) => closed.then(() => Promise.reject(new Error('closed')))),
    /closed|refused/i,
  );
  const again = await house.local.revoke({ serial: web.leaf.serialNumber });
  assert.deepEqual([again.number, again.enforced, again.of, again.closed], [1, 1, 1, 0]);
});

test('the revoked one is cut off the feed, and not counted', async (t) => {
  const house = await startHouse(t);
  const [orders, web] = [await house.service('orders'), await house.service('web')];
  await startWorkload(t, house, orders, endpoint('orders'));
  const own = await subscribe(t, house, web, endpoint('web'));
  assert.equal((await own.next()).name, 'state');
  const answer = await house.local.revoke({ name: 'web' });
  assert.deepEqual([answer.enforced, answer.of], [1, 1]);
  await own.closed;
  assert.ok(own.events.every(({ payload }) => payload.number === 0));
});

test('an endpoint that does not acknowledge is waited for, and named with the end of its lease', async (t) => {
  const house = await startHouse(t, { enforcementWaitMs: 150, leaseMs: 60_000 });
  const [orders] = [await house.service('orders'), await house.service('web')];
  const mute = await subscribe(t, house, orders, endpoint('mute'));
  await mute.next();
  const answer = await house.local.revoke({ name: 'web' });
  assert.deepEqual(
    [answer.enforced, answer.of, answer.unreachable.map(({ name }) => name)],
    [0, 1, ['spiffe://dev.internal/orders']],
  );
  const leftMs = Date.parse(answer.unreachable[0]!.leaseEnds) - Date.now();
  assert.ok(leftMs > 55_000 && leftMs <= 60_000, String(leftMs));
  assert.equal((await acknowledge(house, orders, 'mute', 1, 3)).status, 200);
  const again = await house.local.revoke({ name: 'web' });
  assert.deepEqual([again.enforced, again.of, again.unreachable], [1, 1, []]);
});

test('closed connections are added up as they are acknowledged', async (t) => {
  const house = await startHouse(t);
  const [orders, db, web] = [await house.service('orders'), await house.service('db'), await house.service('web')];
  const streams = [await subscribe(t, house, orders, endpoint('a')), await subscribe(t, house, db, endpoint('b'))];
  for (const stream of streams) await stream.next();
  const answering = house.local.revoke({ name: 'web', reason: 'keyCompromise' });
  for (const stream of streams) {
    const { name, id, payload } = await stream.next();
    assert.deepEqual(
      [name, id, payload.revoked?.map(({ serialNumber }) => serialNumber)],
      ['change', '1', [web.leaf.serialNumber]],
    );
  }
  await acknowledge(house, orders, 'a', 1, 2);
  await acknowledge(house, db, 'b', 1, 5);
  const { enforced, of, closed } = await answering;
  assert.deepEqual([enforced, of, closed], [2, 2, 7]);
});

test('who went away within its lease is not waited for but named, also after a restart; who said farewell is not', async (t) => {
  const first = await startHouse(t);
  const [orders, db, web] = [await first.service('orders'), await first.service('db'), await first.service('web')];
  const lost = await subscribe(t, first, orders, endpoint('lost'));
  const polite = await subscribe(t, first, db, endpoint('polite'));
  await Promise.all([lost.next(), polite.next()]);
  const root = encodePem('CERTIFICATE', db.roots[0]!.raw);
  const farewell = {
    path: '/v1/feed/farewells',
    method: 'POST',
    body: { endpoint: endpoint('polite') },
    as: presented(db),
  };
  assert.equal((await ask(first.server.url, root, farewell)).status, 200);
  lost.end();
  polite.end();
  const second = await first.restart();
  const startMs = performance.now();
  const answer = await second.local.revoke({ name: 'web' });
  assert.ok(performance.now() - startMs < 2000);
  assert.deepEqual(
    [answer.enforced, answer.of, answer.unreachable.map(({ name }) => name)],
    [0, 1, ['spiffe://dev.internal/orders']],
  );
  assert.equal(answer.serials[0], web.leaf.serialNumber);
});

test('a lease that has ended is nobody to wait for', async (t) => {
  const house = await startHouse(t, { leaseMs: 300, heartbeatMs: 50 });
  const [orders] = [await house.service('orders'), await house.service('web')];
  const stream = await subscribe(t, house, orders, endpoint('gone'));
  await stream.next();
  stream.end();
  await new Promise((resolve) => setTimeout(resolve, 400));
  const answer = await house.local.revoke({ name: 'web' });
  assert.deepEqual([answer.enforced, answer.of, answer.unreachable], [0, 0, []]);
});

test('heartbeats come, and a subscription is taken up where it was left: changes, or nothing new, or the whole state', async (t) => {
  const house = await startHouse(t, { heartbeatMs: 40, enforcementWaitMs: 0 });
  const orders = await house.service('orders');
  for (const name of ['web', 'db']) {
    await house.service(name);
    await house.local.revoke({ name });
  }
  const fresh = await subscribe(t, house, orders, endpoint('fresh'));
  const state = await fresh.next();
  assert.deepEqual([state.name, state.id, state.payload.revoked?.length], ['state', '2', 2]);
  const beats = [await fresh.next(), await fresh.next()];
  assert.deepEqual(
    beats.map(({ name, id }) => [name, id]),
    [
      ['heartbeat', '2'],
      ['heartbeat', '2'],
    ],
  );
  assert.ok(beats[0]!.payload.at >= state.payload.at);
  const behind = await subscribe(t, house, orders, endpoint('behind'), 1);
  assert.deepEqual([(await behind.next()).name, behind.events[0]?.id], ['change', '2']);
  const current = await subscribe(t, house, orders, endpoint('current'), 2);
  assert.deepEqual([(await current.next()).name, current.events[0]?.id], ['heartbeat', '2']);
  // A number from the future: of another past. The whole state, which the endpoint refuses where it knows better.
  const ahead = await subscribe(t, house, orders, endpoint('ahead'), 9);
  assert.equal((await ahead.next()).name, 'state');
});

test('the number and the state go on after a restart, and a follower goes on with them', async (t) => {
  const first = await startHouse(t);
  const orders = await first.service('orders');
  const web = await first.service('web');
  await first.service('db');
  await first.local.revoke({ name: 'web' });
  const second = await first.restart();
  const stream = await subscribe(t, second, orders, endpoint('again'));
  const state = await stream.next();
  assert.deepEqual(
    [state.id, state.payload.revoked?.map(({ serialNumber }) => serialNumber)],
    ['1', [web.leaf.serialNumber]],
  );
  const answering = second.local.revoke({ name: 'db' });
  assert.equal((await stream.next()).id, '2');
  await acknowledge(second, orders, 'again', 2);
  assert.equal((await answering).number, 2);
});

test('nobody acknowledges for another, for a number to come, or before subscribing', async (t) => {
  const house = await startHouse(t);
  const [orders, web] = [await house.service('orders'), await house.service('web')];
  await (await subscribe(t, house, orders, endpoint('mine'))).next();
  for (const attempt of [
    acknowledge(house, web, 'mine', 0),
    acknowledge(house, orders, 'mine', 1),
    acknowledge(house, orders, 'other', 0),
  ]) {
    const { status, body } = await attempt;
    assert.deepEqual([status, body['code']], [403, 'CS-ACCESS-007']);
  }
});

test('an endpoint can not say that it closed more connections than a process can have', async (t) => {
  const house = await startHouse(t);
  const orders = await house.service('orders');
  const stream = await subscribe(t, house, orders, endpoint('orders'));
  await stream.next();
  assert.equal((await acknowledge(house, orders, 'orders', 0, Number.MAX_SAFE_INTEGER)).status, 400);
  assert.equal((await acknowledge(house, orders, 'orders', 0, 10_000_000)).status, 200);
});

test('the same endpoint again takes the place of its older stream', async (t) => {
  const house = await startHouse(t);
  const orders = await house.service('orders');
  await house.service('web');
  const older = await subscribe(t, house, orders, endpoint('one'));
  await older.next();
  const newer = await subscribe(t, house, orders, endpoint('one'));
  await newer.next();
  await older.closed;
  const answering = house.local.revoke({ name: 'web' });
  await newer.next();
  await acknowledge(house, orders, 'one', 1);
  const { enforced, of } = await answering;
  assert.deepEqual([enforced, of], [1, 1]);
});

test('a subscription without a proper name or number is refused', async (t) => {
  const house = await startHouse(t);
  const orders = await house.service('orders');
  const root = encodePem('CERTIFICATE', orders.roots[0]!.raw);
  for (const headers of [
    {},
    { 'countersign-endpoint': 'short' },
    { 'countersign-endpoint': endpoint('x'), 'last-event-id': '-1' },
  ]) {
    const { status, body } = await ask(house.server.url, root, {
      path: '/v1/feed',
      headers: headers as Record<string, string>,
      as: presented(orders),
    });
    assert.deepEqual([status, body['code']], [400, 'CS-ACCESS-006']);
  }
});

test('nothing to revoke is said by name', async (t) => {
  const house = await startHouse(t);
  await assert.rejects(house.local.revoke({ name: 'nobody' }), { code: 'CS-REVOKE-001' });
  await assert.rejects(house.local.revoke({ serial: 'AB' }), { code: 'CS-REVOKE-001' });
  // The authority's own names are not services.
  await assert.rejects(house.local.revoke({ name: 'localhost' }), { code: 'CS-REVOKE-001' });
});

test('an endpoint that is just changing its stream is waited for', async (t) => {
  const house = await startHouse(t);
  const orders = await house.service('orders');
  await house.service('web');
  const before = await subscribe(t, house, orders, endpoint('one'));
  await before.next();
  before.end();
  // The authority has seen the end of the stream before the revocation comes.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const answering = house.local.revoke({ name: 'web' });
  const after = await subscribe(t, house, orders, endpoint('one'), 0);
  assert.equal((await after.next()).name, 'change');
  await acknowledge(house, orders, 'one', 1, 1);
  const { enforced, of, closed } = await answering;
  assert.deepEqual([enforced, of, closed], [1, 1, 1]);
});

test('what an endpoint tells of lists and responders is shown by status with its exposure, as it changes and until the endpoint leaves', async (t) => {
  const house = await startHouse(t, { heartbeatMs: 40 });
  const [orders, web] = [await house.service('orders'), await house.service('web')];
  await startWorkload(t, house, web, endpoint('web'));
  const told = async (): Promise<AuthorityStatus['endpointMeans']> => (await house.local.status()).endpointMeans;
  assert.equal(await told(), undefined);
  const crl = {
    means: 'crl' as const,
    source: '/etc/corp/issuing.crl',
    issuer: 'CN=Corp Issuing',
    thisUpdate: '2026-01-01T00:00:00Z',
    nextUpdate: '2026-01-03T00:00:00Z',
    freshUntil: '2026-01-02T00:00:00Z',
  };
  const absent = { means: 'ocsp' as const, source: 'http://ocsp.corp.example', failure: 'CS-OCSP-021' };
  let report: StatusReport = { undetermined: 'refuse', sources: [crl, absent] };
  const { follower } = await startWorkload(t, house, orders, endpoint('orders'), () => report);
  const until = async (fits: (now: AuthorityStatus['endpointMeans']) => boolean) => {
    for (let now = await told(); ; now = await told()) {
      if (fits(now)) return now;
      await sleep(systemClock, 10);
    }
  };
  assert.deepEqual(await until((now) => now !== undefined), {
    reporting: 1,
    worstSeconds: 86_400,
    endpoints: [
      {
        name: 'spiffe://dev.internal/orders',
        endpoint: endpoint('orders'),
        undetermined: 'refuse',
        sources: [{ ...crl, worstSeconds: 86_400 }, absent],
        worstSeconds: 86_400,
      },
    ],
  });
  report = { undetermined: 'refuse', sources: [{ ...crl, freshUntil: '2026-01-01T00:10:00Z' }] };
  assert.equal((await until((now) => now?.worstSeconds !== 86_400))?.worstSeconds, 600);
  // Whoever keeps the next list from it is let in for as long as he likes.
  report = { ...report, undetermined: 'letInUnlessKnownRevoked' };
  assert.deepEqual(
    Object.keys((await until((now) => now?.worstSeconds !== 600))?.endpoints[0] ?? {}).includes('worstSeconds'),
    false,
  );
  await follower.close({ leaving: true });
  assert.equal(await told(), undefined);
});
