/** What an endpoint acknowledges: a number once whatever has to go for it is closed, and with it the report of its means. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { following } from '../../../../../tests/fixtures/feed/following.ts';
import { systemClock as clock } from '../../ground/clock/index.ts';
import type { Refusal } from '../../ground/errors/index.ts';
import type { RevokedEntry } from '../../identity/revocation/index.ts';
import type { StatusReport } from '../../runtime/api/index.ts';
import type { RestingConnection } from '../../runtime/tls/index.ts';

/** A live connection of whom `entry` revokes, as an endpoint would have it. */
function resting(entry: RevokedEntry, close: (refusal: Refusal) => void): RestingConnection {
  return {
    peer: {
      name: 'victim',
      trustDomain: 'test.internal',
      revocationKeys: [`${entry.issuerKey}:${entry.serialNumber}`],
    } as never,
    queued: undefined,
    doom: undefined,
    epoch: 0,
    dueAt: Number.POSITIVE_INFINITY,
    recheck: () => {
      throw new Error('no longer passes');
    },
    stand: () => undefined,
    refusalWhenDue: () => assert.fail('it never ends'),
    close,
  };
}

test('a revocation of thousands of connections is acknowledged when the last of them is closed, and never before', async (t) => {
  const { feed, follower, revocations, trust, until } = await following(t);
  await follower.ready;
  const entry = feed.authority.revoked(feed.authority.issue('victim'));
  // The state itself was acknowledged before.
  await until('acknowledged');
  let closed = 0;
  let closedThen = 0;
  feed.onAcknowledged = () => (closedThen = closed);
  const close = (): void => {
    const begun = clock.monotonic();
    while (clock.monotonic() - begun < 0.01);
    closed++;
  };
  for (let count = 0; count < 3_000; count++) trust.enter(resting(entry, close));
  let left = 0;
  revocations.watch(() => (left = trust.pending));
  feed.send({ kind: 'change', ...feed.numbered(4), revoked: [entry] });
  await until('acknowledged', ({ number }) => number === 4);
  assert.ok(left > 0, 'when the change was in force, most were yet to be closed');
  assert.equal(closedThen, 3_000);
  assert.deepEqual(feed.acknowledged.at(-1), { endpoint: 'endpoint-0123456789', number: 4, closed: 3_000 });
});

test('state, change and heartbeat are in force and acknowledged after closing', async (t) => {
  const { feed, follower, revocations, trust, until } = await following(t);
  await follower.ready;
  assert.equal(follower.number, 3);
  const victim = feed.authority.issue('victim');
  const entry = feed.authority.revoked(victim);
  const closed: string[] = [];
  trust.enter(resting(entry, (refusal) => closed.push(refusal.code)));
  feed.send({ kind: 'change', ...feed.numbered(4), revoked: [entry] });
  const applied = await until('applied', ({ number }) => number === 4);
  assert.equal(applied.closed, 1);
  assert.equal(closed.length, 1);
  assert.equal(revocations.current().isRevoked(entry.issuerKey, entry.serialNumber)?.reason, 'keyCompromise');
  await until('acknowledged', ({ number }) => number === 4);
  assert.deepEqual(feed.acknowledged.at(-1), { endpoint: 'endpoint-0123456789', number: 4, closed: 1 });
  const { freshUntil } = revocations.current();
  await new Promise((resolve) => setTimeout(resolve, 5));
  feed.send({ kind: 'heartbeat', ...feed.numbered(4) });
  await until('applied', ({ kind }) => kind === 'heartbeat');
  assert.ok(revocations.current().freshUntil > freshUntil);
});

const told: StatusReport = { undetermined: 'refuse', sources: [{ means: 'crl', source: '/etc/corp.crl' }] };

test('a report goes with an acknowledgement, then only where it has changed or the stream is a new one', async (t) => {
  let report = told;
  const { feed, follower, until } = await following(t, undefined, undefined, () => report);
  await follower.ready;
  await until('acknowledged');
  const beat = async (count: number): Promise<void> => {
    feed.send({ kind: 'heartbeat', ...feed.numbered(3) });
    while (feed.acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const plain = { endpoint: 'endpoint-0123456789', number: 3, closed: 0 };
  assert.deepEqual(feed.acknowledged, [{ ...plain, means: told }]);
  feed.send({ kind: 'heartbeat', ...feed.numbered(3) });
  report = { ...told, sources: [] };
  await beat(2);
  assert.deepEqual(feed.acknowledged.slice(1), [{ ...plain, means: report }]);
  report = told;
  await beat(3);
  feed.end();
  while (feed.acknowledged.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(feed.acknowledged.slice(2), [
    { ...plain, means: told },
    { ...plain, means: told },
  ]);
});

test('an authority that knows of no reports hears the acknowledgement without', async (t) => {
  const { feed, follower, until } = await following(
    t,
    (made) => (made.isOld = true),
    undefined,
    () => told,
  );
  await follower.ready;
  await until('acknowledged');
  feed.send(feed.change(4));
  await until('acknowledged', ({ number }) => number === 4);
  const plain = { endpoint: 'endpoint-0123456789', number: 3, closed: 0 };
  assert.deepEqual(feed.acknowledged, [{ ...plain, means: told }, plain, { ...plain, number: 4 }]);
});
