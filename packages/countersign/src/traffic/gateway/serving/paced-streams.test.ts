import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Http2Session } from 'node:http2';
import { test } from 'node:test';
import { PacedStreams, type StreamShare } from './paced-streams.ts';

/** Only told apart from others here. */
const newSession = (): Http2Session => new EventEmitter() as Http2Session;
const session = newSession();
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function opened(paced: PacedStreams, count: number): StreamShare {
  let share = paced.shareOf(session);
  for (let at = 1; at < count; at += 1) share = paced.shareOf(session);
  return share;
}

test('a session has one share, in which those that are over do not count in a later turn', async () => {
  const paced = new PacedStreams();
  const share = opened(paced, 16);
  assert.equal(paced.isOver(share), false);
  assert.equal(paced.shareOf(session), share);
  assert.equal(paced.isOver(share), true);
  assert.equal(paced.isOver(paced.shareOf(newSession())), false, 'of another session');
  await turn();
  assert.equal(paced.isOver(paced.shareOf(session)), true, 'as many are open');
  share.open -= 2;
  assert.equal(paced.isOver(share), false);
});

test('those that are reset as they come count in the turn in which they came', async () => {
  const paced = new PacedStreams();
  const share = opened(paced, 1);
  for (let at = 1; at < 20; at += 1) {
    share.open -= 1;
    assert.equal(paced.shareOf(session), share);
  }
  assert.deepEqual([share.open, paced.isOver(share)], [1, true]);
  await turn();
  share.open -= 1;
  assert.equal(paced.isOver(paced.shareOf(session)), false);
});

test('what is beyond the share begins in later turns, a few in each, in its order; what is gone by then does not', async () => {
  const paced = new PacedStreams();
  const begun: number[] = [];
  for (let at = 0; at < 30; at += 1) paced.later({ isGone: () => at % 3 === 0, begin: () => begun.push(at) });
  assert.equal(begun.length, 0, 'not in this turn');
  const perTurn: number[] = [];
  while (begun.length < 20) {
    const before = begun.length;
    await turn();
    perTurn.push(begun.length - before);
  }
  assert.deepEqual(
    begun,
    Array.from({ length: 30 }, (_, at) => at).filter((at) => at % 3 !== 0),
  );
  assert.ok(Math.max(...perTurn) <= 8, perTurn.join());
  await turn();
  paced.later({ isGone: () => false, begin: () => void begun.push(99) });
  await turn();
  assert.equal(begun.at(-1), 99, 'and anew when all were served');
});
