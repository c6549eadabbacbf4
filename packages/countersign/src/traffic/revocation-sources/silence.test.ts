/** A feed that says nothing, or nothing new: noticed as silent, and at its lease's end the endpoint goes by its policy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { following } from '../../../../../tests/fixtures/feed/following.ts';
import { systemClock as clock } from '../../ground/clock/index.ts';

test('silence is noticed after three heartbeats', async (t) => {
  const { follower, until } = await following(t, (feed) => {
    feed.heartbeatMs = 20;
  });
  await follower.ready;
  const { refusal } = await until('silent');
  assert.equal(refusal.code, 'CS-FEED-007');
  assert.equal(refusal.evidence['silentMs'], 60);
});

test('a relay that withholds what is new and says the last message again and again is silent', async (t) => {
  const { follower, feed, until } = await following(t, (made) => {
    made.heartbeatMs = 300;
  });
  await follower.ready;
  const last = feed.eventOf({ kind: 'heartbeat', ...feed.numbered(3) });
  const again = setInterval(() => feed.sendRaw(last), 5);
  t.after(() => clearInterval(again));
  const { refusal } = await until('silent');
  assert.equal(refusal.code, 'CS-FEED-007');
});

for (const lease of ['refuseAfterLease', 'continueAfterLease'] as const)
  test(`who withholds everything is noticed as silent, and at the lease's end the endpoint goes by its policy: ${lease}`, async (t) => {
    const { feed, follower, trust, until } = await following(
      t,
      (made) => {
        made.heartbeatMs = 20;
        made.leaseMs = 400;
      },
      lease,
    );
    await follower.ready;
    // Replayed for as long as the relay likes: a message of before lengthens no lease.
    const old = feed.eventOf({ kind: 'heartbeat', ...feed.numbered(3) });
    feed.onOpen = (opened) => opened.sendRaw(old);
    const { freshUntil } = await until('lease-ended');
    assert.ok(clock.now() >= freshUntil);
    await until('silent', ({ refusal }) => refusal.code === 'CS-FEED-007');
    if (lease === 'continueAfterLease') trust.requireFresh('web', 'test.internal');
    else assert.throws(() => trust.requireFresh('web', 'test.internal'), { code: 'CS-PEER-010' });
    // And back when the truth comes through again, without a restart.
    feed.leaseMs = 60_000;
    feed.onOpen = (opened) => opened.send(opened.state());
    await until('applied', (event) => event.freshUntil > clock.now() + 1_000);
    trust.requireFresh('web', 'test.internal');
  });
