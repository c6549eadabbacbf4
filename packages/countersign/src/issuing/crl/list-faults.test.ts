/** Lists go on where the clock is set, the thread that makes them ends, or a certificate outlives what is counted. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';

import { hourMs } from '../../../../../tests/fixtures/certificates.ts';
import { compromised, numberOf, openHouse, serials, startMs } from '../../../../../tests/fixtures/published-lists.ts';

const dayMs = 24 * hourMs;

test('after a sleep, which timers do not see, lists are made anew within a minute', async (t) => {
  const house = await openHouse(t);
  house.clock.setNow(startMs + 13 * hourMs);
  await house.pass(60_000);
  const { thisUpdate, nextUpdate } = await house.list('4-0');
  assert.deepEqual([thisUpdate, nextUpdate], [startMs + 13 * hourMs + 60_000, startMs + 37 * hourMs + 60_000]);
  await house.pass(12 * hourMs);
  assert.equal((await house.list('4-0')).thisUpdate, startMs + 25 * hourMs + 60_000);
  assert.deepEqual(house.failures, []);
});

test('a revocation after the lists of before have ended is published at once', async (t) => {
  const house = await openHouse(t);
  house.clock.setNow(startMs + 30 * hourMs);
  await house.revoke('0A00', compromised);
  assert.deepEqual(house.failures, []);
  const list = await house.list('all');
  assert.deepEqual([serials(list), list.nextUpdate], [['0A00'], startMs + 54 * hourMs]);
});

test('after a clock that was ahead, lists are of now, and have whose certificates only it had ended', async (t) => {
  const house = await openHouse(t);
  await house.revoke('0A00', compromised, startMs + 2 * dayMs);
  // A year of it: two editions, the second of which drops what had ended before the first.
  house.clock.setNow(startMs + 365 * dayMs);
  await house.pass(60_000);
  await house.pass(12 * hourMs);
  const ahead = await house.list('all');
  assert.deepEqual(serials(ahead), []);
  house.clock.setNow(startMs + hourMs);
  await house.pass(60_000);
  const now = await house.list('all');
  assert.deepEqual([serials(now), now.thisUpdate], [['0A00'], startMs + hourMs + 60_000]);
  assert.ok(numberOf(now) > numberOf(ahead));
  assert.equal(now.nextUpdate, startMs + 25 * hourMs + 60_000);
  assert.deepEqual(house.failures, []);
});

test('a clock that is corrected by seconds makes no list of before the one that is out', async (t) => {
  const house = await openHouse(t);
  house.clock.setNow(startMs - 30_000);
  await house.revoke('0A00', compromised);
  assert.equal((await house.list('all')).thisUpdate, startMs);
});

test('where the thread of the lists ends by itself, another goes on', async (t) => {
  let worker: Worker | undefined;
  const started = (one: Worker): void => void (worker = one);
  process.on('worker', started);
  t.after(() => process.off('worker', started));
  const house = await openHouse(t);
  await house.revoke('0A00', compromised);
  assert.ok(worker !== undefined);
  const ended = once(worker, 'exit');
  await worker.terminate();
  await ended;
  await house.revoke('0B00', compromised);
  assert.equal(house.failures.length, 1);
  await house.pass(5_000);
  assert.deepEqual(serials(await house.list('all')), ['0A00', '0B00']);
  assert.deepEqual(serials(await house.list('all-delta')), ['0A00', '0B00']);
  assert.equal(house.failures.length, 1);
});

test('an entry stays whose certificate ends after 2106, which 32 bits of seconds do not hold', async (t) => {
  const house = await openHouse(t);
  await house.revoke('0A00', compromised, Date.UTC(2110, 0));
  await house.pass(12 * hourMs);
  await house.pass(12 * hourMs);
  assert.deepEqual(serials(await house.list('all')), ['0A00']);
});
