/** The examples do what they say. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

test('revocation: a stream of HTTP/2, a WebSocket and a raw connection are closed', async () => {
  const { stdout } = await run(process.execPath, ['--conditions=source', 'examples/revocation/run.ts'], { cwd: root });
  for (const what of ['stream of HTTP/2', 'WebSocket', 'raw connection'])
    assert.match(stdout, new RegExp(`^${what}: closed after [\\d.]+ ms$`, 'm'));
  assert.match(stdout, /^enforced on 1 of 1 in [\d.]+ ms, 3 closed$/m);
});
