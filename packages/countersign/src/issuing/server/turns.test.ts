import assert from 'node:assert/strict';
import { test } from 'node:test';

import { turns } from './turns.ts';

test('one after the other, in order, and one that fails stops none', async () => {
  const { take } = turns();
  const done: string[] = [];
  let under = 0;
  const step = (name: string) => async (): Promise<string> => {
    assert.equal(++under, 1);
    await new Promise((resolve) => setImmediate(resolve));
    under--;
    if (name === 'b') throw new Error('b fails');
    done.push(name);
    return name;
  };
  const results = await Promise.allSettled([take(step('a')), take(step('b')), take(step('c'))]);
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason))),
    ['a', 'Error: b fails', 'c'],
  );
  assert.deepEqual(done, ['a', 'c']);
  assert.equal(await take(async () => 'again'), 'again');
});

test('what can not wait comes after the one under way, before all that wait', async () => {
  const { take, takeNext } = turns();
  const done: string[] = [];
  const step = (name: string) => async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    done.push(name);
  };
  const all = [take(step('a')), take(step('b')), take(step('c')), takeNext(step('now')), takeNext(step('then'))];
  await Promise.all(all);
  assert.deepEqual(done, ['a', 'now', 'then', 'b', 'c']);
});

test('what throws before it has begun to wait holds up nobody', async () => {
  const { take, takeNext } = turns();
  const thrown = take(() => {
    throw new Error('at once');
  });
  const [first, second] = await Promise.allSettled([thrown, takeNext(async () => 'behind it')]);
  assert.equal(first.status === 'rejected' && String(first.reason), 'Error: at once');
  assert.equal(second.status === 'fulfilled' && second.value, 'behind it');
});
