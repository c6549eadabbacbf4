/** What a relay changes, drops, repeats or cuts on the way is noticed by its code, and nothing of it is believed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { following } from '../../../../../tests/fixtures/feed/following.ts';
import type { TestFeed } from '../../../../../tests/fixtures/feed/test-feed.ts';
import { systemClock as clock } from '../../ground/clock/index.ts';
import { type RevokedEntry, signFeedMessage } from '../../identity/revocation/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import type { FeedEvent } from './index.ts';

const refusedAs = (code: string) => (event: FeedEvent) => event.type === 'refused' && event.refusal.code === code;

test('a gap, a number that goes back, a forged and a truncated message are refused by name, and the state is asked for anew', async (t) => {
  const lies: [string, (feed: TestFeed) => void][] = [
    ['CS-FEED-006', (feed) => feed.send({ kind: 'change', ...feed.numbered(9), revoked: [] })],
    ['CS-FEED-006', (feed) => feed.send({ kind: 'heartbeat', ...feed.numbered(4) })],
    ['CS-FEED-005', (feed) => feed.send({ kind: 'heartbeat', ...feed.numbered(2) })],
    ['CS-FEED-005', (feed) => feed.send({ ...feed.state(), number: 2 })],
    [
      'CS-FEED-003',
      (feed) =>
        feed.sendText(
          'heartbeat',
          signFeedMessage({ kind: 'heartbeat', ...feed.numbered(3) }, new TestAuthority().feedSigner()),
        ),
    ],
    [
      'CS-FEED-001',
      (feed) =>
        feed.sendText(
          'heartbeat',
          signFeedMessage({ kind: 'heartbeat', ...feed.numbered(3) }, feed.authority.feedSigner()).slice(0, -8),
        ),
    ],
    [
      'CS-FEED-001',
      (feed) =>
        feed.sendText(
          'state',
          signFeedMessage({ kind: 'heartbeat', ...feed.numbered(3) }, feed.authority.feedSigner()),
        ),
    ],
    ['CS-FEED-001', (feed) => feed.sendText('message', 'hello')],
  ];
  await Promise.all(
    lies.map(async ([code, lie]) => {
      const { feed, follower, until } = await following(t);
      await follower.ready;
      lie(feed);
      await until('refused', refusedAs(code));
      await until('applied', ({ kind }) => kind === 'state');
      while (feed.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal(feed.asked[1], undefined, `${code}: the whole state is asked for`);
      assert.equal(follower.number, 3);
    }),
  );
});

/** What a relay could do who holds both ends of the stream, and not the feed's key. Each is noticed by its code, and nothing of it is believed. */
const tricks: readonly {
  readonly what: string;
  readonly code: string;
  /** The number at which the endpoint stands when it has noticed. */
  readonly stands: number;
  readonly play: (feed: TestFeed, victim: RevokedEntry) => void;
}[] = [
  {
    what: 'drops a change and lets the heartbeat with the head through',
    ...{ code: 'CS-FEED-006', stands: 3 },
    play: (feed) => feed.send({ kind: 'heartbeat', ...feed.numbered(4) }),
  },
  {
    what: 'drops a change and lets the next one through',
    ...{ code: 'CS-FEED-006', stands: 3 },
    play: (feed) => feed.send(feed.change(5)),
  },
  {
    what: 'changes the order of two',
    ...{ code: 'CS-FEED-006', stands: 3 },
    play: (feed, victim) => feed.sendRaw(feed.eventOf(feed.change(5)) + feed.eventOf(feed.change(4, [victim]))),
  },
  {
    what: 'sends one again',
    ...{ code: 'CS-FEED-005', stands: 4 },
    play: (feed, victim) => feed.sendRaw(feed.eventOf(feed.change(4, [victim])).repeat(2)),
  },
  {
    what: 'keeps an old heartbeat and sends it in the place of newer ones',
    ...{ code: 'CS-FEED-005', stands: 3 },
    play: (feed) => {
      const old = { kind: 'heartbeat', ...feed.numbered(3), at: clock.now() - 1_000 } as const;
      feed.send(old);
    },
  },
  {
    what: 'takes a revocation out of a message',
    ...{ code: 'CS-FEED-002', stands: 3 },
    play: (feed, victim) => {
      const [honest = '', signature = '', signer = ''] = signFeedMessage(feed.change(4, [victim]), feed.signer).split(
        '.',
      );
      const payload = Buffer.from(honest, 'base64url')
        .toString()
        .replace(/"revoked":\[.*?\]/, '"revoked":[]');
      feed.sendText('change', [Buffer.from(payload).toString('base64url'), signature, signer].join('.'));
    },
  },
  {
    what: 'ends a message early and goes on with the next',
    ...{ code: 'CS-FEED-001', stands: 3 },
    play: (feed, victim) => {
      const whole = feed.eventOf(feed.change(4, [victim]));
      feed.sendRaw(`${whole.slice(0, whole.indexOf('.') + 20)}\n\n`);
    },
  },
];

for (const { what, code, stands, play } of tricks)
  test(`who ${what} is noticed: ${code}, nothing is believed, and the whole state is asked for`, async (t) => {
    const { feed, follower, revocations, until } = await following(t);
    await follower.ready;
    const victim = feed.authority.revoked(feed.authority.issue('victim'));
    feed.onOpen = () => undefined;
    play(feed, victim);
    await until('refused', refusedAs(code));
    assert.equal(follower.number, stands);
    const isRevoked = revocations.current().isRevoked(victim.issuerKey, victim.serialNumber) !== undefined;
    assert.equal(isRevoked, stands === 4);
    while (feed.asked.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(feed.asked[1], undefined);
  });

test('a stream cut in mid-message is no message: it goes on from the number before, and gets the change then', async (t) => {
  const { feed, follower, revocations, until } = await following(t);
  await follower.ready;
  const victim = feed.authority.revoked(feed.authority.issue('victim'));
  const whole = feed.eventOf(feed.change(4, [victim]));
  feed.onOpen = (opened) => opened.sendRaw(whole);
  feed.sendRaw(whole.slice(0, whole.length / 2));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(follower.number, 3);
  feed.destroy();
  await until('interrupted');
  await until('applied', ({ number }) => number === 4);
  assert.equal(feed.asked[1], '3');
  assert.ok(revocations.current().isRevoked(victim.issuerKey, victim.serialNumber) !== undefined);
});
