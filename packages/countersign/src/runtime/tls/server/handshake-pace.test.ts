import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { Timer } from '../../../ground/clock/index.ts';
import { HandshakePace } from './handshake-pace.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Scene {
  readonly begun: string[];
  readonly lost: string[];
  readonly arrive: (address: string, name: string) => Socket;
  /** While this turn goes on. */
  readonly pass: (ms: number) => void;
  readonly over: (socket: Socket) => void;
  /** Its timer fires. */
  readonly wake: () => void;
}

function scene(): Scene {
  let nowMs = 0;
  const timers: (() => void)[] = [];
  const after = (_ms: number, act: () => void): Timer => {
    timers.push(act);
    return { cancel: () => undefined };
  };
  const pace = new HandshakePace({ monotonic: () => nowMs, after });
  const begun: string[] = [];
  const lost: string[] = [];
  return {
    begun,
    lost,
    arrive: (remoteAddress, name) => {
      const socket = Object.assign(new EventEmitter(), { remoteAddress, destroyed: false }) as unknown as Socket;
      const onBegin = (): void => void begun.push(name);
      const onLost = (): void => void lost.push(name);
      pace.begin(socket, onBegin, onLost);
      return socket;
    },
    pass: (ms) => (nowMs += ms),
    over: (socket) => pace.over(socket),
    wake: () => timers.splice(0).forEach((act) => act()),
  };
}

test('one handshake begins at once, one in each turn that follows, and one of each network by turns', async () => {
  const { begun, arrive } = scene();
  for (const name of ['a1', 'a2', 'a3']) arrive('192.0.2.1', name);
  arrive('192.0.2.2', 'b1');
  assert.deepEqual(begun, ['a1']);
  for (const then of [
    ['a1', 'a2'],
    ['a1', 'a2', 'b1'],
    ['a1', 'a2', 'b1', 'a3'],
  ]) {
    await nextTurn();
    assert.deepEqual(begun, then);
  }
});

test('where turns are long by other work, more begin in each', async () => {
  const { begun, arrive, pass } = scene();
  for (const at of [0, 1, 2, 3]) arrive('192.0.2.1', String(at));
  pass(5);
  await nextTurn();
  assert.deepEqual(begun, ['0', '1', '2']);
});

test('four are under way at a time: the next begins when one is over, or takes its time', async () => {
  const { begun, arrive, over, pass, wake } = scene();
  const [first] = [0, 1, 2, 3, 4, 5].map((at) => arrive('192.0.2.1', String(at)));
  for (const _ of [1, 2, 3, 4, 5]) await nextTurn();
  assert.equal(begun.length, 4);
  over(first!);
  await nextTurn();
  assert.equal(begun.length, 5);
  await nextTurn();
  assert.equal(begun.length, 5);
  pass(10);
  wake();
  await nextTurn();
  assert.equal(begun.length, 6);
});

test('who went meanwhile is passed over, and whose connection was reset is told', async () => {
  const { begun, lost, arrive } = scene();
  const [, gone, reset] = ['0', '1', '2', '3'].map((name) => arrive('192.0.2.1', name));
  Object.assign(gone!, { destroyed: true });
  reset!.emit('error', new Error('ECONNRESET'));
  Object.assign(reset!, { destroyed: true });
  await nextTurn();
  assert.deepEqual([begun, lost], [['0', '3'], ['2']]);
});
