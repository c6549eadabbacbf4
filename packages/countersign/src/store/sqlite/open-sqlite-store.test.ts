import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import type { Intent, IssuedCertificate } from '../../issuing/authority/index.ts';
import type { RevocationOrder, RevocationResult } from '../../issuing/server/index.ts';
import type { AuditAction, AuditEvent } from '../../runtime/audit/index.ts';
import { migrations } from './migrations/migrations.ts';
import { openSqliteStore, type SqliteStore } from './index.ts';
import { openDatabase } from './open-database.ts';

const startMs = Date.parse('2026-11-21T00:00:00Z');
const issuerKey = 'ab'.repeat(32);

async function temporaryFile(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(directory, { recursive: true }));
  return join(directory, 'authority.db');
}

async function open(t: TestContext, file: string): Promise<SqliteStore> {
  const store = await openSqliteStore({ file, clock: manualClock(startMs) });
  t.after(() => store.close());
  return store;
}

function intent(serialNumber: string, recordedAtMs = startMs): Intent {
  return { serialNumber, issuerKey, origin: 'test', toBeSignedSha256: '00', recordedAtMs };
}

function certificate(serialNumber: string, over: Partial<IssuedCertificate> = {}): IssuedCertificate {
  return {
    serialNumber,
    issuerKey,
    lineage: serialNumber,
    origin: 'test',
    profile: 'service',
    names: ['web', 'spiffe://dev.internal/web'],
    spiffeId: 'spiffe://dev.internal/web',
    publicKeySha256: `key of ${serialNumber}`,
    notBeforeMs: startMs,
    notAfterMs: startMs + 86_400_000,
    issuedAtMs: startMs,
    lifeMs: 86_400_000,
    certificate: Uint8Array.of(1, 2, 3),
    ...over,
  };
}

function event(action: AuditAction): AuditEvent {
  return { atMs: startMs, action, facts: {}, personal: {} };
}

function recordIntents(store: SqliteStore, intents: readonly Intent[]): Promise<void> {
  return store.issuance.recordIntents(
    intents,
    intents.map(() => event('certificate.issue')),
  );
}

function revoke(store: SqliteStore, order: RevocationOrder): Promise<RevocationResult | undefined> {
  return store.revocations.revoke(order, event('certificate.revoke'));
}

function claim(store: SqliteStore, claims: Parameters<SqliteStore['tokens']['claim']>[0]) {
  return store.tokens.claim(
    claims,
    claims.map(() => event('token.claim')),
  );
}

async function keep(store: SqliteStore, ...certificates: readonly IssuedCertificate[]): Promise<void> {
  await recordIntents(
    store,
    certificates.map(({ serialNumber }) => intent(serialNumber)),
  );
  const outcomes = await store.issuance.recordCertificates(certificates, 10);
  assert.ok(outcomes.every((outcome) => outcome === 'recorded'));
}

const unspecified = { reason: 'unspecified', atMs: startMs + 1000, usefulSinceMs: startMs - 604_800_000 } as const;

test('a commit is on the disk when it returns, and nobody else has the file', async (t) => {
  const database = openDatabase(await temporaryFile(t), migrations, startMs);
  t.after(() => database.close());
  const setting = (name: string): unknown => database.prepare(`PRAGMA ${name}`).get()?.[name];
  // 2 is FULL (https://sqlite.org/pragma.html#pragma_synchronous): what less would lose is seen only after a power cut.
  assert.deepEqual(['journal_mode', 'synchronous', 'locking_mode'].map(setting), ['wal', 2, 'exclusive']);
});

test('a certificate comes back as it was kept, also after a restart', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  await keep(first, certificate('0A'));
  await first.close();
  const second = await open(t, file);
  assert.equal(second.ledgerId, first.ledgerId);
  const [kept] = await second.inventory.bySerialNumber(['0A']);
  assert.deepEqual({ ...kept, certificate: Uint8Array.from(kept?.certificate ?? []) }, certificate('0A'));
  assert.equal(await second.issuance.latestIntentMs(), startMs);
  assert.deepEqual(await second.inventory.bySerialNumber(['0B']), [undefined]);
});

test('the database is readable by its owner only', async (t) => {
  const file = await temporaryFile(t);
  const store = await open(t, file);
  await keep(store, certificate('0A'));
  for (const name of [file, `${file}-wal`, `${file}.holder`]) assert.equal((await stat(name)).mode & 0o077, 0, name);
});

test('a serial number is taken once, and only that request fails', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await recordIntents(store, [intent('0A')]);
  const outcomes = await Promise.allSettled([
    recordIntents(store, [intent('0B')]),
    recordIntents(store, [intent('0C'), intent('0A')]),
    recordIntents(store, [intent('0D')]),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  // The whole of the failed request is undone.
  await recordIntents(store, [intent('0C')]);
});

test('a certificate without a recorded intent is not kept', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await assert.rejects(store.issuance.recordCertificates([certificate('0A')], 10), { code: 'CS-STORE-002' });
});

test('pages go through all certificates in the order of issuing', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await keep(store, ...['0C', '0A', '0B'].map((serial) => certificate(serial)));
  const first = await store.inventory.page(undefined, 2);
  const second = await store.inventory.page(first.next, 2);
  assert.deepEqual(
    [...first.records, ...second.records].map(({ serialNumber }) => serialNumber),
    ['0C', '0A', '0B'],
  );
  assert.equal(second.next, undefined);
});

test("a token's first claim holds", async (t) => {
  const store = await open(t, await temporaryFile(t));
  const token = { id: 't1', secretSha256: Uint8Array.of(1), names: ['web'], createdAtMs: 1, expiresAtMs: 2 };
  await store.tokens.add([token], [event('token.create')]);
  const [first, second] = await Promise.all([
    claim(store, [{ id: 't1', publicKeySha256: 'a', atMs: 5 }]),
    claim(store, [{ id: 't1', publicKeySha256: 'b', atMs: 6 }]),
  ]);
  const held = { publicKeySha256: 'a', atMs: 5 };
  assert.deepEqual([first, second], [[{ ...held, first: true }], [{ ...held, first: false }]]);
  assert.deepEqual(await claim(store, [{ id: 'other', publicKeySha256: 'a', atMs: 5 }]), [undefined]);
});

test('two certificates for one token are refused', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await keep(store, certificate('0A', { origin: 'token:t1' }));
  await assert.rejects(keep(store, certificate('0B', { origin: 'token:t1' })), { code: 'CS-STORE-002' });
});

test('a revocation and its number are one, repeated it changes nothing, and both survive a restart', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  await keep(first, certificate('0A'), certificate('0B', { names: ['db'] }));
  const result = await revoke(first, { serialNumber: '0A', ...unspecified });
  assert.deepEqual([result?.number, result?.serialNumbers, result?.change?.revoked.length], [1, ['0A'], 1]);
  const again = await revoke(first, { serialNumber: '0A', ...unspecified });
  assert.deepEqual(again, { serialNumbers: ['0A'], number: 1 });
  assert.equal(await revoke(first, { serialNumber: '0F', ...unspecified }), undefined);
  await first.close();
  const second = await open(t, file);
  const state = await second.revocations.feedState(startMs);
  assert.deepEqual([state.number, state.revoked.map(({ serialNumber }) => serialNumber)], [1, ['0A']]);
  const [revoked, other] = await second.inventory.bySerialNumber(['0A', '0B']);
  assert.equal(revoked?.revoked?.number, 1);
  assert.equal(other?.revoked, undefined);
});

test('expired entries leave the state, not the record', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await keep(store, certificate('0A'));
  await revoke(store, { serialNumber: '0A', ...unspecified });
  const state = await store.revocations.feedState(startMs + 2 * 86_400_000);
  assert.deepEqual([state.number, state.revoked], [1, []]);
  assert.ok((await store.inventory.bySerialNumber(['0A']))[0]?.revoked);
});

test('a revocation takes the line of renewals with it, and the key of the same identity', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await keep(
    store,
    certificate('01', { publicKeySha256: 'k1' }),
    certificate('02', { publicKeySha256: 'k1', lineage: '01' }),
    certificate('03', { publicKeySha256: 'k2', lineage: '01' }),
    certificate('04', { publicKeySha256: 'k2' }),
    certificate('05', { publicKeySha256: 'k2', spiffeId: 'spiffe://dev.internal/db' }),
    certificate('06', { publicKeySha256: 'k3' }),
  );
  const result = await revoke(store, { serialNumber: '02', ...unspecified });
  assert.deepEqual(result?.serialNumbers, ['01', '02', '03', '04']);
  // The key itself is out: whatever it was certified for goes.
  const compromise = await revoke(store, { serialNumber: '04', ...unspecified, reason: 'keyCompromise' });
  assert.deepEqual(compromise?.serialNumbers, ['01', '02', '03', '04', '05']);
  assert.equal(compromise.change?.revoked.length, 1);
  assert.equal((await store.inventory.bySerialNumber(['06']))[0]?.revoked, undefined);
});

test('no certificate is kept for a key that was revoked as compromised; after another reason a new line may have it', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await keep(store, certificate('01', { publicKeySha256: 'k1' }), certificate('02', { publicKeySha256: 'k2' }));
  await revoke(store, { serialNumber: '01', ...unspecified });
  await revoke(store, { serialNumber: '02', ...unspecified, reason: 'keyCompromise' });
  await recordIntents(store, [intent('03'), intent('04')]);
  const outcomes = await store.issuance.recordCertificates(
    [certificate('03', { publicKeySha256: 'k1' }), certificate('04', { publicKeySha256: 'k2' })],
    10,
  );
  assert.deepEqual(outcomes, ['recorded', 'key-compromised']);
});

test('by name: what carries it and can still be used or renewed, and never the authority itself', async (t) => {
  const store = await open(t, await temporaryFile(t));
  const longAgo = unspecified.usefulSinceMs - 1;
  await keep(
    store,
    certificate('01'),
    certificate('02'),
    certificate('03', { notAfterMs: longAgo }),
    certificate('04', { notAfterMs: startMs - 1 }),
    certificate('05', { profile: 'authority-server' }),
  );
  const result = await revoke(store, { name: 'web', ...unspecified });
  assert.deepEqual(result?.serialNumbers, ['01', '02', '04']);
  assert.equal(await revoke(store, { name: 'db', ...unspecified }), undefined);
});

test('a certificate of a line that was revoked meanwhile is not kept', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await keep(store, certificate('01'));
  await recordIntents(store, [intent('02')]);
  const [, outcomes] = await Promise.all([
    revoke(store, { serialNumber: '01', ...unspecified }),
    store.issuance.recordCertificates([certificate('02', { lineage: '01' })], 10),
  ]);
  assert.deepEqual(outcomes, ['lineage-revoked']);
  assert.deepEqual(await store.inventory.bySerialNumber(['02']), [undefined]);
});

test('a line of renewals has no more unexpired certificates than it may; those that expired do not count', async (t) => {
  const store = await open(t, await temporaryFile(t));
  const line = (serialNumber: string, over: Partial<IssuedCertificate> = {}): IssuedCertificate =>
    certificate(serialNumber, { lineage: '01', ...over });
  await keep(store, line('01'), line('02', { notAfterMs: startMs + 1000 }), certificate('0A'));
  await recordIntents(
    store,
    ['03', '04', '05'].map((serialNumber) => intent(serialNumber)),
  );
  const outcomes = await store.issuance.recordCertificates([line('03'), certificate('04')], 2);
  assert.deepEqual(outcomes, ['lineage-full', 'recorded']);
  assert.deepEqual(await store.inventory.bySerialNumber(['03']), [undefined]);
  const later = await store.issuance.recordCertificates([line('05', { issuedAtMs: startMs + 1001 })], 2);
  assert.deepEqual(later, ['recorded']);
});

test('what expired long before it was revoked is revoked, and not told', async (t) => {
  const store = await open(t, await temporaryFile(t));
  const minute = 60_000;
  await keep(
    store,
    certificate('01'),
    certificate('02', { lineage: '01', notAfterMs: startMs - minute }),
    certificate('03', { lineage: '01', notAfterMs: startMs - 6 * minute }),
  );
  const result = await revoke(store, { serialNumber: '01', ...unspecified });
  assert.deepEqual(result?.serialNumbers, ['01', '02', '03']);
  // An endpoint whose clock is some minutes behind takes 02 for valid.
  const told = ['01', '02'];
  const serials = (entries: readonly { serialNumber: string }[] = []): string[] =>
    entries.map(({ serialNumber }) => serialNumber);
  assert.deepEqual(serials(result.change?.revoked), told);
  assert.deepEqual(serials((await store.revocations.changesAfter(0, 10))?.[0]?.revoked), told);
  assert.deepEqual(serials((await store.revocations.feedState(startMs + 1000)).revoked), told);
  const [, , record] = await store.inventory.bySerialNumber(['01', '02', '03']);
  assert.ok(record?.revoked !== undefined);
});

test('changes are told from any number that is known', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await keep(store, certificate('01'), certificate('02'));
  await revoke(store, { serialNumber: '01', ...unspecified });
  await revoke(store, { serialNumber: '02', ...unspecified, atMs: 5 });
  const changes = await store.revocations.changesAfter(0, 10);
  assert.deepEqual(
    changes?.map(({ number, revoked }) => [number, revoked[0]?.serialNumber]),
    [
      [1, '01'],
      [2, '02'],
    ],
  );
  // The feed's time does not go back with the clock.
  assert.equal(changes[1]?.atMs, unspecified.atMs);
  assert.deepEqual(await store.revocations.changesAfter(2, 10), []);
  assert.equal(await store.revocations.changesAfter(0, 1), undefined);
  assert.equal(await store.revocations.changesAfter(7, 10), undefined);
});

test('another bundle gets the next sequence and the next number; the same one nothing', async (t) => {
  const store = await open(t, await temporaryFile(t));
  const bundle = { trustDomain: 'dev.internal', anchors: ['a'], intermediates: ['i'] };
  assert.equal(await store.revocations.establishBundle(bundle, startMs), undefined);
  assert.equal(await store.revocations.establishBundle(bundle, startMs), undefined);
  const changed = await store.revocations.establishBundle({ ...bundle, anchors: ['a', 'b'] }, startMs);
  assert.deepEqual([changed?.number, changed?.bundle?.sequence], [1, 2]);
  assert.deepEqual((await store.revocations.changesAfter(0, 5))?.[0]?.bundle?.anchors, ['a', 'b']);
  assert.deepEqual((await store.revocations.feedState(startMs)).bundle?.sequence, 2);
});

test('endpoints that were subscribed at the end count as seen at the last touch', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  const endpoint = {
    spiffeId: 's',
    endpoint: 'e',
    serialNumber: '01',
    acknowledged: 3,
    seenAtMs: 10,
    subscribed: true,
  };
  await first.endpoints.record([endpoint, { ...endpoint, endpoint: 'left', subscribed: false }]);
  await first.endpoints.touch(500);
  await first.close();
  const second = await open(t, file);
  assert.deepEqual(await second.endpoints.load(100), [{ ...endpoint, seenAtMs: 500, subscribed: false }]);
});

test('a second one on the same file, in this process or another, is refused with the holder', async (t) => {
  const file = await temporaryFile(t);
  const store = await open(t, file);
  const held = { code: 'CS-STATE-001', evidence: { file, holder: `process ${String(process.pid)}` } };
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), held);
  const script = `
    import { openSqliteStore } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    import { manualClock } from ${JSON.stringify(new URL('../../ground/clock/index.ts', import.meta.url).href)};
    try { await openSqliteStore({ file: ${JSON.stringify(file)}, clock: manualClock(0) }); console.log('opened'); }
    catch (error) { console.log(error.code + ' ' + error.evidence.holder); }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => (output += data.toString()));
  await once(child, 'close');
  assert.equal(output.trim(), `CS-STATE-001 process ${String(process.pid)}`);
  // The refused attempts have not loosened the lock.
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), held);
  await keep(store, certificate('0A'));
  await store.close();
  const next = await openSqliteStore({ file, clock: manualClock(startMs) });
  await next.close();
});

test('a file that is no database, or one of another program, is refused and left as it is', async (t) => {
  const file = await temporaryFile(t);
  await writeFile(file, 'this is a text that somebody wrote, long enough not to be taken for an empty file');
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), { code: 'CS-STORE-003' });
  const other = `${file}.other`;
  const database = new DatabaseSync(other);
  database.exec('CREATE TABLE note (text TEXT)');
  database.close();
  await assert.rejects(openSqliteStore({ file: other, clock: manualClock(startMs) }), { code: 'CS-STORE-003' });
  await assert.rejects(openSqliteStore({ file: join(file, 'below'), clock: manualClock(startMs) }), {
    code: 'CS-STORE-002',
  });
});

test('a database of a newer version is refused', async (t) => {
  const file = await temporaryFile(t);
  await (await openSqliteStore({ file, clock: manualClock(startMs) })).close();
  const database = new DatabaseSync(file);
  database.exec("INSERT INTO migration VALUES (99, 'of tomorrow', 0)");
  database.close();
  await assert.rejects(openSqliteStore({ file, clock: manualClock(startMs) }), {
    code: 'CS-STORE-001',
    evidence: { file, found: 99, supported: migrations.at(-1)?.version },
  });
});

test('after its end the store refuses everything', async (t) => {
  const store = await open(t, await temporaryFile(t));
  const last = recordIntents(store, [intent('0A')]);
  await store.close();
  await last;
  await assert.rejects(store.issuance.latestIntentMs(), { code: 'CS-STORE-002' });
});
