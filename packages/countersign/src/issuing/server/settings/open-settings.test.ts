import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { isRefusal } from '../../../ground/errors/index.ts';
import { canonicalJson } from '../approval/canonical-json.ts';
import { authoritySettings } from './authority-settings.ts';
import { openSettings } from './open-settings.ts';

test('settings that are refused leave the last good ones', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'authority.yaml');
  const settings = await openSettings(path, false);
  const before = settings.current();
  await writeFile(path, 'nothing-like-it: 1\n');
  await assert.rejects(settings.reload(), (error) => isRefusal(error) && error.code === 'CS-SETTINGS-001');
  assert.equal(settings.current(), before);
  await writeFile(path, '# fine\n');
  await settings.reload();
  assert.notEqual(settings.current(), before);
});

test('a file that was named must be there', async () => {
  await assert.rejects(openSettings('/nonexistent/authority.yaml', true), (error) => isRefusal(error));
  assert.deepEqual((await openSettings('/nonexistent/authority.yaml', false)).current(), {});
});

test('settings that were accepted are stored, and mean the same when they are read again', () => {
  const file = {
    audit: { export: ['tcp://log.internal:601'] },
    administrators: { users: { '5001': ['auditor'] }, socket: { path: '/run/x.sock', group: 5001 } },
    profiles: { narrow: { names: { dns: ['*.internal'] } } },
    telemetry: {
      listen: '[::1]:9464',
      peers: ['spiffe://dev.internal/prometheus'],
      log: { level: 'debug', format: 'json' },
      otlp: { endpoint: 'https://collector.internal', sample: 0.5 },
    },
    tidy: { tokenDays: 3 },
  };
  const first = authoritySettings.safeParse(file);
  assert.deepEqual(first.error?.issues ?? [], []);
  assert.ok(first.data);
  assert.deepEqual(authoritySettings.parse(JSON.parse(canonicalJson(first.data))), first.data);
});
