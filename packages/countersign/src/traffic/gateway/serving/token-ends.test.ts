import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../../../ground/clock/index.ts';
import { TokenEnds } from './token-ends.ts';

function scene() {
  const clock = manualClock(1_000_000);
  const ends = new TokenEnds(clock);
  const ended: string[] = [];
  const at = (endsAt: number, name: string) =>
    ends.at(endsAt, ({ code, evidence }) => ended.push(`${name} ${code} ${String(evidence['expiredAt'])}`));
  return { clock, ends, ended, at };
}

test('each ends at its own moment and once, in whatever order they came, under one timer', () => {
  const { clock, ends, ended, at } = scene();
  at(1_070_000, 'late');
  at(1_010_000, 'soon');
  at(1_010_000, 'as soon');
  at(900_000, 'past');
  assert.equal(clock.pending, 1);
  clock.advance(9_999);
  assert.deepEqual(ended, ['past CS-BEARER-011 900000']);
  clock.advance(1);
  assert.deepEqual(ended.slice(1), ['soon CS-BEARER-011 1010000', 'as soon CS-BEARER-011 1010000']);
  clock.advance(59_999);
  assert.equal(ended.length, 3);
  clock.advance(1);
  assert.deepEqual([ended.length, ends.size, clock.pending], [4, 0, 0]);
});

test('what is over by itself is kept no longer, and not ended', () => {
  const { clock, ends, ended, at } = scene();
  const [one, other] = [at(1_010_000, 'one'), at(1_020_000, 'other')];
  one.cancel();
  one.cancel();
  assert.equal(ends.size, 1);
  clock.advance(10_000);
  other.cancel();
  clock.advance(60_000);
  assert.deepEqual([ended, ends.size, clock.pending], [[], 0, 0]);
});

test('one that takes another of the same moment with it leaves nothing to end', () => {
  const { clock, ends, ended, at } = scene();
  const both = [ends.at(1_010_000, () => both.forEach((one) => one.cancel())), at(1_010_000, 'other')];
  clock.advance(10_000);
  assert.deepEqual([ended, ends.size], [[], 0]);
});

test('a moment that passed while the machine slept is noticed soon after', () => {
  const { clock, ended, at } = scene();
  at(1_000_000 + 3_600_000, 'slept');
  clock.setNow(9_000_000);
  clock.advance(30_000);
  assert.equal(ended.length, 1);
});
