import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import { link, lstat, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Server } from 'node:net';
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

test('a socket that an earlier run has left is replaced', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'admin-'));
  t.after(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'admin.sock');
  // Node removes the file as it closes: one that was killed has left its own under another name.
  const earlier = await openAdmin({ socket: join(folder, 'earlier.sock') }, view);
  await link(join(folder, 'earlier.sock'), socket);
  await earlier.close();
  const later = await openAdmin({ socket }, view);
  t.after(() => later.close());
  assert.equal((await lstat(socket)).mode & 0o777, 0o600);
});

test('the socket of a gateway that runs is not taken', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'admin-'));
  t.after(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'admin.sock');
  const first = await openAdmin({ socket }, view);
  t.after(() => first.close());
  const second = openAdmin({ socket }, view).then((admin) => admin.close());
  await assert.rejects(second, (error: unknown) => {
    assert.ok(isRefusal(error));
    assert.deepEqual([error.code, error.evidence['reason']], ['CS-GATEWAY-027', 'another process listens there']);
    return true;
  });
  assert.equal((await lstat(socket)).isSocket(), true);
});

test('the socket is of its owner alone from its first moment on', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'admin-'));
  t.after(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'admin.sock');
  const listen = Reflect.get(Server.prototype, 'listen');
  const modes: number[] = [];
  t.mock.method(Server.prototype, 'listen', function (this: Server, ...given: readonly unknown[]) {
    const server: unknown = Reflect.apply(listen, this, given);
    modes.push(lstatSync(socket).mode & 0o777);
    return server;
  });
  const admin = await openAdmin({ socket }, view);
  t.after(() => admin.close());
  assert.deepEqual(modes, [0o600]);
});
