/** The gate before what is handed on. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { gateReadable } from './gate.ts';

test('from the moment the gate is shut nothing is handed on, the end neither', async () => {
  let open = true;
  const stream = new PassThrough();
  gateReadable(stream, { passes: () => open });
  const got: string[] = [];
  stream.on('data', (bytes: Buffer) => got.push(bytes.toString()));
  stream.on('end', () => got.push('the end'));
  stream.write('before');
  await new Promise((resolve) => setImmediate(resolve));
  open = false;
  stream.end('after');
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(got, ['before']);
});
