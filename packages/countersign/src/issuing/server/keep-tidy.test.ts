import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { keepTidy } from './keep-tidy.ts';
import type { ServerEvent } from './server-event.ts';
import type { StoreKeeper, TidyOrder } from './store-keeper.ts';
import { defaultTidyRules, tidyRules } from './tidy-rules.ts';

const none = { certificates: 0, revocations: 0, tokens: 0, intents: 0, endpoints: 0, changes: 0 };

/** Turns of the loop, so that what was resolved is carried on. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

test('it tidies to the end in steps with a rest between them, tells the sum once, and comes again after an hour', async () => {
  const clock = manualClock(1000);
  const orders: TidyOrder[] = [];
  const events: ServerEvent[] = [];
  const keeper: StoreKeeper = {
    tidy: async (order) => {
      orders.push(order);
      const next = orders.length < 3 ? `step ${String(orders.length)}` : undefined;
      return { removed: { ...none, certificates: 2 }, pages: 0, ...(next === undefined ? {} : { next }) };
    },
  };
  const tidying = keepTidy({ keeper, rules: () => defaultTidyRules, clock, log: (event) => events.push(event) });
  clock.advance(59_999);
  await turns();
  assert.equal(orders.length, 0);
  clock.advance(1);
  await turns();
  assert.equal(orders.length, 1, 'then a rest');
  for (let step = 0; step < 5; step++) {
    clock.advance(20);
    await turns();
  }
  assert.deepEqual(
    orders.map(({ cursor }) => cursor),
    [undefined, 'step 1', 'step 2'],
  );
  assert.ok((orders[2]?.most ?? 0) > (orders[0]?.most ?? 0), 'quick steps grow');
  assert.deepEqual(events, [{ event: 'tidied', removed: { ...none, certificates: 6 } }]);
  clock.advance(3_600_000);
  await turns();
  assert.equal(orders.length, 4);
  await tidying.close();
  assert.equal(clock.pending, 0);
});

test('a failure is told, and the next hour tries again', async () => {
  const clock = manualClock(1000);
  let asked = 0;
  const events: ServerEvent[] = [];
  const tidying = keepTidy({
    keeper: { tidy: async () => Promise.reject(new Error(`no room, ${String(++asked)}`)) },
    rules: () => defaultTidyRules,
    clock,
    log: (event) => events.push(event),
  });
  clock.advance(60_000);
  await turns();
  clock.advance(3_600_000);
  await turns();
  assert.deepEqual(
    events.map(({ event }) => event),
    ['failed', 'failed'],
  );
  await tidying.close();
});

test('what is asked for is kept no shorter than it is of use', () => {
  const day = 86_400_000;
  const short = { certificatesMs: 1, revocationsMs: 1, endpointsMs: 1, feedChanges: 1, tokensMs: 1 };
  const rules = tidyRules(short, 7 * day, day);
  assert.deepEqual(
    [rules.certificatesMs, rules.revocationsMs, rules.endpointsMs, rules.feedChanges, rules.tokensMs],
    [8 * day, 8 * day, 2 * day, 100, 1],
  );
  assert.deepEqual(tidyRules(undefined, 0, 0), defaultTidyRules);
});
