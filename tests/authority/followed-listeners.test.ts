/** Listeners that settings name follow them: opened, moved and closed while the authority runs, and left as they were where that fails. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';

import type { AuthoritySettings, ServerEvent } from '../../packages/countersign/src/issuing/server/index.ts';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { openAuthorityAtSocket } from '../../packages/countersign/src/runtime/api/index.ts';
import { MutableSource } from '../../packages/countersign/src/runtime/tls/index.ts';
import { until } from '../e2e/authority-process.ts';
import { type ServerHouse, startHouse, temporaryDirectory } from './server-house.ts';

const host = '127.0.0.1';
const at = (port: number): AuthoritySettings => ({ telemetry: { listen: `${host}:${port}` } });

/** The next event of a listener after `from`, when it has come. */
async function told(house: ServerHouse, from: number): Promise<ServerEvent> {
  const found = (): ServerEvent | undefined =>
    house.events.slice(from).find(({ event }) => event === 'listener' || event === 'failed');
  await until('an event of a listener', () => found() !== undefined);
  return found() ?? assert.fail();
}

async function change(
  house: ServerHouse,
  settings: MutableSource<AuthoritySettings>,
  next: AuthoritySettings,
): Promise<ServerEvent> {
  const from = house.events.length;
  settings.set(next);
  return told(house, from);
}

const answers = async (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    ({ status }) => status === 200,
    () => false,
  );

async function busyPort(): Promise<{ port: number; free: () => Promise<void> }> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, host, listening));
  const free = (): Promise<void> => new Promise((closed) => server.close(() => closed()));
  return { port: (server.address() as AddressInfo).port, free };
}

test('the listener for metrics is opened, moved and closed', async (t) => {
  const settings = new MutableSource<AuthoritySettings>({});
  const house = await startHouse(t, { settings });
  const opened = await change(house, settings, at(0));
  const first = opened.event === 'listener' ? (opened.where ?? '') : '';
  assert.ok(await answers(first), JSON.stringify(opened));
  const { port, free } = await busyPort();
  await free();
  const moved = await change(house, settings, at(port));
  assert.deepEqual(moved, { event: 'listener', what: 'the listener for metrics', where: `http://${host}:${port}` });
  assert.deepEqual([await answers(`http://${host}:${port}`), await answers(first)], [true, false]);
  const closed = await change(house, settings, {});
  assert.deepEqual(closed, { event: 'listener', what: 'the listener for metrics' });
  assert.equal(await answers(`http://${host}:${port}`), false);
});

test('a listener that can not be had leaves the one before, and is tried again', async (t) => {
  const { port: old, free: freeOld } = await busyPort();
  await freeOld();
  const settings = new MutableSource<AuthoritySettings>(at(old));
  const house = await startHouse(t, { settings });
  const { port, free } = await busyPort();
  const failed = await change(house, settings, at(port));
  assert.ok(failed.event === 'failed');
  assert.match(`${failed.what}: ${failed.why}`, /metrics, which stays as it was: CS-AUTHORITY-007.*EADDRINUSE/);
  assert.ok(await answers(`http://${host}:${old}`));
  const beyond = await change(house, settings, { telemetry: { listen: `0.0.0.0:${old}` } });
  assert.ok(beyond.event === 'failed' && beyond.why.includes('CS-TELEMETRY-001'));
  assert.ok(await answers(`http://${host}:${old}`));
  await free();
  assert.equal((await change(house, settings, at(port))).event, 'listener');
  assert.ok(await answers(`http://${host}:${port}`));
});

test('an authority whose settings name a listener starts again', async (t) => {
  const house = await startHouse(t, { settings: new MutableSource(at(0)) });
  const again = await house.restart();
  assert.ok(await answers(again.server.telemetryUrl ?? ''));
});

test('another kind of listener at the same place takes it over', async (t) => {
  const { port, free } = await busyPort();
  await free();
  const settings = new MutableSource<AuthoritySettings>(at(port));
  const house = await startHouse(t, { settings });
  const listen = `${host}:${port}`;
  const peers = await change(house, settings, { telemetry: { listen, peers: ['spiffe://dev.internal/p'] } });
  assert.deepEqual(peers, { event: 'listener', what: 'the listener for metrics', where: `https://${host}:${port}` });
  assert.equal(await answers(`http://${host}:${port}`), false);
});

test("the administrators' socket follows, and no listener outlives the authority", async (t) => {
  const dir = await temporaryDirectory(t);
  await mkdir(join(dir, 'run'), { mode: 0o755 });
  const [one, two] = [join(dir, 'run', 'one.sock'), join(dir, 'run', 'two.sock')];
  const group = String(process.getgid?.() ?? 0);
  const socketAt = (path: string): AuthoritySettings => ({ administrators: { socket: { path, group } } });
  const settings = new MutableSource<AuthoritySettings>({});
  const house = await startHouse(t, { settings });
  assert.equal((await change(house, settings, socketAt(one))).event, 'listener');
  const asked = openAuthorityAtSocket(one, systemClock);
  assert.equal((await asked.status()).url, house.server.url);
  await asked.close();
  await change(house, settings, socketAt(two));
  assert.deepEqual([existsSync(one), existsSync(two)], [false, true]);
  await chmod(join(dir, 'run'), 0o777);
  const failed = await change(house, settings, socketAt(one));
  assert.ok(failed.event === 'failed' && failed.why.includes('CS-ADMIN-004'), JSON.stringify(failed));
  const still = openAuthorityAtSocket(two, systemClock);
  assert.equal((await still.status()).url, house.server.url);
  await still.close();
  await house.stop();
  assert.deepEqual([existsSync(one), existsSync(two)], [false, false]);
});
