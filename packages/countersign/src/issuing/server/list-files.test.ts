/** Lists as files: what is carried in and out is looked at, and why it does not go is said. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import { encodePem } from '../../ground/encoding/index.ts';
import { createOwnHierarchy, KeyCertificate, keySigner, listFolder } from '../authority/index.ts';
import { signWholeList } from '../crl/index.ts';
import { exportLists } from './export-lists.ts';
import { keyFiles, keyFolderName, retiredFiles } from './keys/key-files.ts';
import { publishRootList } from './publish-root-list.ts';
import { listFolderName } from './publishing/revocation-lists.ts';

const startMs = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;
const clock = manualClock(startMs);
const { root, issuer } = createOwnHierarchy({ trustDomain: 'dev.internal', clock });
const [rootKey, issuerKey] = [root, issuer].map(
  ({ certificate, privateKey }) => new KeyCertificate(certificate, keySigner(privateKey), []),
);

/** Made by a clock that differs by so much. */
async function listOf(key: KeyCertificate | undefined, aheadMs = 0): Promise<Uint8Array> {
  assert.ok(key !== undefined);
  const thisUpdateMs = startMs + aheadMs;
  return signWholeList(
    { facts: key.facts, signList: (list) => key.signList(list) },
    { number: BigInt(1 + aheadMs), thisUpdateMs, nextUpdateMs: thisUpdateMs + dayMs, entries: [] },
  );
}

async function stateDirectory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-list-files-'));
  t.after(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, keyFolderName));
  for (const [file, { certificate }] of [
    [keyFiles.anchor, root],
    [keyFiles.issuer, issuer],
  ] as const)
    await writeFile(join(dir, keyFolderName, file), encodePem('CERTIFICATE', certificate.raw));
  return dir;
}

test("the root's list is handed out when it is of now, not when its clock was ahead", async (t) => {
  const dir = await stateDirectory(t);
  const publish = async (aheadMs: number) =>
    publishRootList({ dir, list: await listOf(rootKey, aheadMs), file: 'root.crl', clock });
  await assert.rejects(publish(2 * dayMs), { code: 'CS-CRL-022', message: /from the future: 2026-06-03/ });
  assert.equal((await publish(60_000)).list.thisUpdate, startMs + 60_000);
});

test('a list that cannot be read is told as that, not as one that was never made', async (t) => {
  const dir = await stateDirectory(t);
  const order = {
    ...{ dir, out: join(dir, 'out'), rootLifeMs: dayMs, clock },
    passphrases: { readKey: () => Promise.reject(new TypeError('no key is read')) } as never,
  };
  const own = join(dir, listFolderName, listFolder(issuer.certificate.publicKey.raw));
  await assert.rejects(exportLists(order), { code: 'CS-CRL-020' });
  // What is a folder can no more be read than what is another user's.
  await mkdir(join(own, 'all.crl'), { recursive: true });
  await assert.rejects(exportLists(order), { code: 'CS-FILE-002' });
  await rm(join(own, 'all.crl'), { recursive: true });
  for (const name of ['all.crl', 'all-delta.crl']) await writeFile(join(own, name), await listOf(issuerKey));
  assert.equal((await exportLists(order)).lists.length, 2);
  const mark = '0123456789abcdef';
  await writeFile(join(dir, keyFolderName, retiredFiles(mark).key), '', { mode: 0o600 });
  assert.equal((await exportLists(order)).lists.length, 2);
  const retired = join(dir, listFolderName, mark, 'all.crl');
  await mkdir(retired, { recursive: true });
  await assert.rejects(exportLists(order), { code: 'CS-FILE-002' });
});
