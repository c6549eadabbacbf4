/** Sources: watchers hear synchronously, each ends by itself, and one that throws stops no other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedSource, MutableSource } from '../index.ts';

test('watchers hear a change before set() returns', () => {
  const source = new MutableSource(1);
  const heard: number[] = [];
  const end = source.watch((value) => heard.push(value));
  source.set(2);
  end();
  source.set(3);
  assert.deepEqual(heard, [2]);
  assert.equal(source.current(), 3);
  assert.equal(fixedSource('x').current(), 'x');
});

test('a watcher that throws stops no other, and what it threw comes out', () => {
  const source = new MutableSource(1);
  const heard: number[] = [];
  source.watch(() => {
    throw new Error('first');
  });
  source.watch((value) => heard.push(value));
  assert.throws(() => source.set(2), /first/);
  assert.deepEqual(heard, [2]);
  source.watch(() => {
    throw new Error('second');
  });
  assert.throws(() => source.set(3), AggregateError);
});
