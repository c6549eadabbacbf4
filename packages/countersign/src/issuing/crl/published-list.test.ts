import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { LentFiles } from './lent-files.ts';
import { ListShelf, type PublishedList } from './published-list.ts';

test('a large list is in memory once, for however many it is being sent to', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-shelf-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'all.crl');
  const octets = 300 * 1024;
  await writeFile(file, new Uint8Array(octets).fill(7));
  const shelf = new ListShelf();
  const list: PublishedList = { path: 'a/all.crl', file, octets, number: 1n, thisUpdateMs: 0, nextUpdateMs: 1 };
  shelf.put([list]);
  const [first, second] = [await shelf.read(list.path), await shelf.read(list.path)];
  assert.deepEqual([second?.bytes.length, second?.bytes.at(-1)], [octets, 7]);
  assert.equal(second?.bytes.buffer, first?.bytes.buffer);
  await writeFile(file, new Uint8Array(octets).fill(8));
  shelf.put([{ ...list, number: 2n }]);
  const third = await shelf.read(list.path);
  assert.deepEqual([third?.list.number, third?.bytes[0], first?.bytes[0]], [2n, 8, 7]);
});

test('what cannot be read is tried again, and those who ask at once are answered by one reading', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-lent-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'all.crl');
  const files = new LentFiles();
  await assert.rejects(files.read(file, '1'), { code: 'ENOENT' });
  await writeFile(file, new Uint8Array(9_000));
  const [one, other] = await Promise.all([files.read(file, '1'), files.read(file, '1')]);
  assert.equal(one, other);
  assert.equal((await files.read(file, '1')).buffer, one.buffer);
  await writeFile(file, new Uint8Array(8_000));
  assert.equal((await files.read(file, '2')).length, 8_000);
  assert.equal(one.length, 9_000);
});
