import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { issuer, root, service } from '../../../../../../tests/fixtures/asked-lists.ts';
import { hourMs, makeService, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { liveLists, question } from '../../../../../../tests/fixtures/live-lists.ts';
import { entryFor, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { openLists } from './open-lists.ts';

const lookMs = 5000;

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lists-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a file that is replaced by another is read at the next look, and a bad one leaves the last good list', async (t) => {
  const file = join(await folderFor(t), 'issuer.crl');
  await writeFile(file, makeList(issuer, { number: 5, nextUpdate: testMoment + 9 * hourMs }).raw);
  const live = await liveLists(t, { sources: [{ file }] });
  assert.equal(live.answer(), 'good');
  const replace = async (bytes: Uint8Array): Promise<void> => {
    await writeFile(`${file}.new`, bytes);
    await rename(`${file}.new`, file);
    await live.pass(lookMs);
  };
  await replace(Buffer.from('not a list'));
  await live.pass(4 * lookMs);
  assert.deepEqual(live.codes(), ['CS-PEM-001']);
  await replace(makeList(issuer, { number: 4, thisUpdate: testMoment - 2 * hourMs }).raw);
  assert.deepEqual(live.codes(), ['CS-PEM-001', 'CS-CRL-030']);
  assert.equal(live.answer(), 'good');
  await replace(makeList(issuer, { number: 6, thisUpdate: testMoment, revoked: [entryFor(service)] }).raw);
  assert.equal(live.answer(), 'revoked');
  assert.equal(live.changes.length, 2);
  assert.equal(live.lists.evidence()[0]?.failure, undefined);
  await rm(file);
  await live.pass(lookMs);
  assert.equal(live.answer(), 'revoked');
  assert.equal(live.lists.evidence()[0]?.failure?.code, 'CS-FILE-001');
});

test('one file may hold the lists of several issuers, in PEM', async (t) => {
  const file = join(await folderFor(t), 'all.pem');
  const pem = [makeList(issuer, { revoked: [entryFor(service)] }), makeList(root)].map(({ raw }) =>
    encodePem('X509 CRL', raw),
  );
  await writeFile(file, pem.join('\n'));
  const live = await liveLists(t, { sources: [{ file }], scope: {}, trusted: [] });
  assert.deepEqual(
    live.lists.ask(question(service, testMoment)).map(({ status }) => status),
    ['revoked', 'good'],
  );
  assert.equal(live.lists.evidence().length, 2);
});

test('a file that is missing, no file, of another kind or too large gives nothing, and is told', async (t) => {
  const folder = await folderFor(t);
  const pem = join(folder, 'x.pem');
  await writeFile(pem, encodePem('CERTIFICATE', issuer.certificate.raw));
  const wrong = { [join(folder, 'no.crl')]: 'CS-FILE-001', [folder]: 'CS-FILE-002', [pem]: 'CS-CRL-001' };
  for (const [file, code] of Object.entries(wrong)) {
    const live = await liveLists(t, { sources: [{ file }] });
    assert.equal(live.answer(), 'CS-CRL-003');
    assert.equal(live.codes().at(-1), 'CS-CRL-034');
    assert.equal(live.lists.evidence()[0]?.failure?.code, code);
  }
  const large = await liveLists(t, { sources: [{ file: pem }], mostBytes: 10 });
  assert.equal(large.lists.evidence()[0]?.failure?.code, 'CS-FILE-006');
});

test('a file that nobody replaces is told before it runs out', async (t) => {
  const file = join(await folderFor(t), 'issuer.crl');
  await writeFile(file, makeList(issuer, { nextUpdate: testMoment + hourMs }).raw);
  const live = await liveLists(t, { sources: [{ file }], lookEveryMs: 600_000 });
  await live.pass(hourMs / 2);
  assert.deepEqual(live.codes(), []);
  await live.pass(hourMs / 3);
  assert.deepEqual(live.codes(), ['CS-CRL-032']);
  await live.pass(hourMs / 3);
  assert.deepEqual(live.codes(), ['CS-CRL-032', 'CS-CRL-033']);
  assert.equal(live.answer(makeService(issuer)), 'CS-CRL-004');
  live.lists.close();
  assert.equal(live.clock.pending, 0);
});

test('a list past its time that a delta in force brings up to date is not told of; the end of the delta is', async (t) => {
  const folder = await folderFor(t);
  const [file, delta] = [join(folder, 'issuer.crl'), join(folder, 'delta.crl')];
  const until = { nextUpdate: testMoment + hourMs };
  await writeFile(file, makeList(issuer, { number: 5, ...until }).raw);
  const changes = { number: 6, base: 5, thisUpdate: testMoment, nextUpdate: testMoment + 3 * hourMs };
  await writeFile(delta, makeList(issuer, changes).raw);
  const live = await liveLists(t, { sources: [{ file }, { file: delta }], lookEveryMs: 600_000 });
  await live.pass(1.5 * hourMs);
  assert.equal(live.answer(), 'good');
  assert.deepEqual(live.codes(), []);
  await live.pass(1.4 * hourMs);
  assert.deepEqual(new Set(live.codes()), new Set(['CS-CRL-032']));
  await live.pass(0.3 * hourMs);
  assert.deepEqual(new Set(live.codes()), new Set(['CS-CRL-032', 'CS-CRL-033']));
  assert.equal(live.answer(), 'CS-CRL-004');
});

test('a source that is neither, or a range that is none, is a mistake of who opens', () => {
  const options = { sources: [], clock: undefined as never, verifySignature: () => false };
  for (const source of [{}, { file: 'a', url: 'b' }, { file: 1 }]) {
    assert.throws(() => openLists({ ...options, sources: [source as never] }), TypeError);
  }
  assert.throws(() => openLists({ ...options, privateRanges: ['10/8'] }), TypeError);
});
