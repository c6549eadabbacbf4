/** Following a feed: what it says is in force, and after an interruption it goes on from where it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { following } from '../../../../../tests/fixtures/feed/following.ts';
import { systemClock as clock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { RevocationState, type RevocationView } from '../../identity/revocation/index.ts';
import { fixedSource, MutableSource, Trust } from '../../runtime/tls/index.ts';
import { TestAuthority } from '../../surfaces/testing/index.ts';
import { followFeed } from './index.ts';

test('a new bundle is taken over, and the same one makes no change', async (t) => {
  const { feed, follower, bundles, until } = await following(t);
  const before = bundles.current();
  await follower.ready;
  assert.equal(bundles.current(), before);
  const next = new TestAuthority();
  const anchors = [feed.authority.root.raw, next.root.raw].map((der) => encodePem('CERTIFICATE', der));
  feed.send({
    kind: 'change',
    ...feed.numbered(4),
    revoked: [],
    bundle: { ...feed.state().bundle, sequence: 2, anchors },
  });
  await until('applied', ({ number }) => number === 4);
  assert.equal(bundles.current().get('test.internal')?.anchors.length, 2);
});

test('after an interruption, and with a new credential, it goes on from its number', async (t) => {
  const { feed, follower, credentials, until } = await following(t, (made) => {
    made.onOpen = (opened, after) => {
      if (after === undefined) opened.send(opened.state());
      else opened.send({ kind: 'heartbeat', ...opened.numbered(3) });
    };
  });
  await follower.ready;
  feed.end();
  await until('interrupted');
  await until('applied', ({ kind }) => kind === 'heartbeat');
  assert.deepEqual(feed.asked, [undefined, '3']);
  credentials.set(feed.authority.issue('web'));
  while (feed.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(feed.asked[2], '3');
});

test('an authority that is away is tried again until it is there', async (t) => {
  const authority = new TestAuthority();
  const bundles = new MutableSource(authority.bundles());
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const failures: unknown[] = [];
  const follower = followFeed({
    url: 'https://127.0.0.1:1',
    rootSha256: authority.rootSha256,
    credentials: fixedSource(authority.issue('web')),
    bundles,
    revocations,
    trust: new Trust({ bundles, revocations, clock }),
    endpoint: 'endpoint-0123456789',
    clock,
    random: () => 0,
    onEvent: (event) => {
      if (event.type === 'interrupted') failures.push(event.error);
    },
  });
  t.after(() => follower.close());
  while (failures.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  const ended = assert.rejects(follower.ready);
  await follower.close();
  await ended;
});
