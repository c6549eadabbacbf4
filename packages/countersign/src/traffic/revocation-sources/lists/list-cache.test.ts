import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { issuer, root, service } from '../../../../../../tests/fixtures/asked-lists.ts';
import { hourMs, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { startPublisher } from '../../../../../../tests/fixtures/list-publisher.ts';
import { liveLists } from '../../../../../../tests/fixtures/live-lists.ts';
import { entryFor, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';

const minuteMs = 60_000;
const nextUpdate = testMoment + 9 * hourMs;

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lists-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'cache');
}

test('what was fetched is there after a restart without network, and is asked about later, with its validators', async (t) => {
  const cacheFolder = await folderFor(t);
  const publisher = await startPublisher(t, makeList(issuer, { number: 7, nextUpdate, revoked: [entryFor(service)] }));
  const sources = [{ url: publisher.url }];
  (await liveLists(t, { sources, cacheFolder })).lists.close();
  for (const name of await readdir(cacheFolder)) {
    assert.equal((await stat(join(cacheFolder, name))).mode & 0o777, 0o600);
  }
  assert.equal(publisher.asked.length, 1);
  const live = await liveLists(t, { sources, cacheFolder });
  assert.equal(live.answer(), 'revoked');
  assert.equal(publisher.asked.length, 1);
  await live.pass(minuteMs);
  assert.equal(publisher.asked[1]?.status, 304);
  publisher.given = (response) => void response.destroy();
  assert.equal((await liveLists(t, { sources, cacheFolder, trusted: [] })).answer(), 'revoked');
  // Nor does a restart make an older list good.
  publisher.given = makeList(issuer, { number: 6, nextUpdate });
  const later = await liveLists(t, { sources, cacheFolder });
  await later.pass(minuteMs);
  assert.equal(later.answer(), 'revoked');
  assert.deepEqual(later.codes(), ['CS-CRL-030']);
});

test('what was changed in the cache is not used, and fetched anew', async (t) => {
  const cacheFolder = await folderFor(t);
  const publisher = await startPublisher(t, makeList(issuer, { nextUpdate, revoked: [entryFor(service)] }));
  const sources = [{ url: publisher.url }];
  (await liveLists(t, { sources, cacheFolder })).lists.close();
  const name = (await readdir(cacheFolder)).find((one) => one.endsWith('.crl')) ?? '';
  const forged = makeList(issuer, { number: 9, nextUpdate, key: root.key, identified: issuer.key }).raw;
  for (const bytes of [forged, forged.subarray(9), new Uint8Array()]) {
    await writeFile(join(cacheFolder, name), bytes);
    const live = await liveLists(t, { sources, cacheFolder });
    assert.equal(live.answer(), 'revoked');
    live.lists.close();
  }
});

test('a cache that cannot be written is told once, and the lists are good all the same', async (t) => {
  const cacheFolder = await folderFor(t);
  await writeFile(cacheFolder, '');
  const publisher = await startPublisher(t, makeList(issuer, { nextUpdate }));
  const live = await liveLists(t, { sources: [{ url: publisher.url }], cacheFolder });
  publisher.given = makeList(issuer, { number: 2, nextUpdate });
  await live.pass(hourMs);
  assert.equal(live.answer(), 'good');
  assert.deepEqual(live.codes(), ['CS-FILE-004']);
});
