import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { isRefusal } from '../../../ground/errors/index.ts';
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
