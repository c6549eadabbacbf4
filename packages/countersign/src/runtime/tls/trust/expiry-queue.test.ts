/** What falls due, under one timer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, manualClock } from '../../../ground/clock/index.ts';
import { type Due, ExpiryQueue } from './expiry-queue.ts';
import { longestWaitMs } from './longest-wait.ts';

const start = 1_700_000_000_250;

function queueOn(clock: Clock): { queue: ExpiryQueue<Due>; due: Due[] } {
  const due: Due[] = [];
  return { queue: new ExpiryQueue(clock, (fallen) => due.push(...fallen)), due };
}

test('each falls due once, at its own moment, under one timer', () => {
  const clock = manualClock(start);
  const { queue, due } = queueOn(clock);
  const moments = [5_000, 400, 410, 60_000, 1_500, 410].map((ms) => ({ dueAt: start + ms }));
  for (const one of moments) queue.add(one);
  queue.add({ dueAt: Number.POSITIVE_INFINITY });
  assert.equal(clock.pending, 1);
  clock.advance(399);
  assert.equal(due.length, 0);
  const fallen = [1, 10, 1_089, 1, 3_499, 1, 55_000].map((ms) => {
    clock.advance(ms);
    return due.splice(0).map(({ dueAt }) => dueAt - start);
  });
  assert.deepEqual(fallen, [[400], [410, 410], [], [1_500], [], [5_000], [60_000]]);
  assert.equal(clock.pending, 0);
});

test('what was taken out does not fall due, and leaves no timer', () => {
  const clock = manualClock(start);
  const { queue, due } = queueOn(clock);
  const [early, late] = [{ dueAt: start + 1_000 }, { dueAt: start + 2_000 }];
  queue.add(early);
  queue.add(late);
  queue.remove(early);
  clock.advance(1_999);
  assert.deepEqual(due, []);
  clock.advance(1);
  assert.deepEqual(due, [late]);
  const other = { dueAt: start + 9_000 };
  queue.add(other);
  queue.remove(other);
  queue.remove(other);
  assert.equal(clock.pending, 0);
});

test('after a sleep, and with a clock that was set on, everything due is found at the next look', () => {
  const clock = manualClock(start);
  const { queue, due } = queueOn(clock);
  for (let hours = 1; hours <= 48; hours++) queue.add({ dueAt: start + hours * 3_600_000 });
  clock.setNow(start + 24 * 3_600_000);
  clock.advance(longestWaitMs);
  assert.equal(due.length, 24);
  clock.setNow(start);
  clock.advance(3_600_000);
  assert.equal(due.length, 24, 'a clock that is set back makes nothing due');
  assert.equal(clock.pending, 1);
});
