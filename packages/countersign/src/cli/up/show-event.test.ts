import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';

import { systemClock } from '../../ground/clock/index.ts';
import { Refusal } from '../../ground/errors/index.ts';
import { createOutput } from '../output/output.ts';
import { showEvent } from './show-event.ts';

test('a log that nobody reads does not fill the memory', () => {
  const stuck = new Writable({ write: () => undefined }) as unknown as NodeJS.WriteStream;
  const output = createOutput(true, { stdout: stuck, stderr: stuck, env: {} });
  const refusal = new Refusal('CS-ACCESS-004', { method: 'GET', path: `/${'x'.repeat(15_000)}` });
  for (let count = 0; count < 1000; count++)
    showEvent({ event: 'refused', refusal, endpoint: 'GET /', address: '127.0.0.1:1' }, output, systemClock);
  assert.ok(stuck.writableLength < 2 * 1024 * 1024, String(stuck.writableLength));
  assert.ok(stuck.writableLength > 1024 * 1024);
});
