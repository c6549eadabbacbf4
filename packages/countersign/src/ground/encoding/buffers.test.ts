import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buffersOf, giveBack } from './buffers.ts';

test('arrays in the same memory have one buffer, and shared memory is not handed on', () => {
  const one = new ArrayBuffer(16);
  const arrays = [new Uint8Array(one, 0, 8), new Float64Array(one), new Uint8Array(new SharedArrayBuffer(8))];
  assert.deepEqual(buffersOf(arrays), [one]);
});

test('what is given back is empty at once, and is given back twice without harm', () => {
  const octets = Uint8Array.of(1, 2, 3);
  const { buffer } = octets;
  giveBack([octets]);
  assert.deepEqual([octets.length, buffer.byteLength, buffer.detached], [0, 0, true]);
  giveBack([octets]);
});
