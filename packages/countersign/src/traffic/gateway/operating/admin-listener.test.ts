import assert from 'node:assert/strict';
import { lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRefusal } from '../../../ground/errors/index.ts';
import { openAdmin } from './admin-listener.ts';

const view = { metrics: () => Promise.resolve([]), look: () => Promise.resolve(undefined) };

test('a file that is no socket is not removed for one', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'admin-'));
  t.after(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'gateway.yaml');
  await writeFile(socket, 'version: 1\n');
  const opened = await openAdmin({ socket }, view).then(
    (admin) => admin.close().then(() => 'opened'),
    (error: unknown) => (isRefusal(error) ? error.code : String(error)),
  );
  assert.equal(opened, 'CS-GATEWAY-027');
  assert.equal(await readFile(socket, 'utf8'), 'version: 1\n');
});

test('a socket that an earlier run has left is replaced, and is of its owner alone', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'admin-'));
  t.after(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'admin.sock');
  const earlier = await openAdmin({ socket }, view);
  const later = await openAdmin({ socket }, view);
  t.after(() => Promise.all([earlier.close(), later.close()]));
  assert.equal((await lstat(socket)).mode & 0o777, 0o600);
});
