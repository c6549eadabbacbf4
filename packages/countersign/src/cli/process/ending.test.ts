import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ending } from './ending.ts';

test('without anybody to clean up, nobody takes care of a signal', () => {
  const ending = new Ending();
  assert.equal(ending.ask('SIGINT'), false);
  assert.equal(ending.asked, 'SIGINT');
});

test('whoever watches is told, until he stops', () => {
  const ending = new Ending();
  const told: string[] = [];
  const stop = ending.watch((signal) => told.push(signal));
  assert.equal(ending.ask('SIGTERM'), true);
  stop();
  assert.equal(ending.ask('SIGTERM'), false);
  assert.deepEqual(told, ['SIGTERM']);
});

test('a second interrupt is for the impatient', () => {
  const ending = new Ending();
  ending.watch(() => undefined);
  assert.equal(ending.ask('SIGINT'), true);
  assert.equal(ending.ask('SIGINT'), false);
  ending.watch(() => undefined, { always: true });
  assert.equal(ending.ask('SIGINT'), true, 'a program that is run decides for itself');
});

test('a wait ends with the first signal, also when that came before', async () => {
  const ending = new Ending();
  const waiting = ending.wait();
  ending.ask('SIGTERM');
  assert.equal(await waiting, 'SIGTERM');
  assert.equal(ending.ask('SIGTERM'), true, 'the clean end is not cut short');
  assert.equal(await ending.wait(), 'SIGTERM');
});
