import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import type { FollowersOptions } from './followers.ts';
import { PartnerFollowers } from './followers.ts';

type Page = Awaited<ReturnType<FollowersOptions['book']['page']>>;

test('a gateway whose question was open for long is waited for', async () => {
  const clock = manualClock(0);
  let state = 'active';
  const page = [{ name: 'acme', state, terms: { routes: '*', limits: {} } }];
  const book = { page: () => Promise.resolve(page.map((one) => ({ ...one, state })) as unknown as Page) };
  const followers = new PartnerFollowers({ book, clock });
  const ask = (have?: string): ReturnType<PartnerFollowers['follow']> =>
    followers.follow({ gateway: 'one', ...(have && { have }) }, 'spiffe://dev.internal/gateway');
  const { version } = await ask();
  const open = ask(version);
  await new Promise(setImmediate);
  clock.advance(10_000);
  state = 'suspended';
  const settled = followers.changed().settle(1_000);
  const told = await open;
  const acknowledging = ask(told.version);
  const { enforced, of } = await settled;
  assert.deepEqual({ enforced, of }, { enforced: 1, of: 1 });
  followers.close();
  await assert.rejects(acknowledging);
});
