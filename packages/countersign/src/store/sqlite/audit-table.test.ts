import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import type { AuditAction, AuditEntry, AuditEvent } from '../../runtime/audit/index.ts';
import { openSqliteStore, type SqliteStore } from './index.ts';
import { migrations } from './migrations/migrations.ts';
import { removeHolder } from './holder-file.ts';
import { openDatabase } from './open-database.ts';

const startMs = Date.parse('2026-11-21T00:00:00Z');

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

function event(action: AuditAction, over: Partial<AuditEvent> = {}): AuditEvent {
  return { atMs: startMs, action, facts: {}, personal: {}, ...over };
}

const intent = (serialNumber: string) => ({
  ...{ serialNumber, issuerKey: 'k', origin: 'test', toBeSignedSha256: '00', recordedAtMs: startMs },
});

async function actions(store: SqliteStore): Promise<string[]> {
  return (await store.audit.read(1, 100)).map(({ action }) => action);
}

/** Each is chained to the one before it, as far as that can be seen without computing a hash. */
function isLinked(entries: readonly AuditEntry[]): boolean {
  return entries.every(({ previous }, index) => previous === (entries[index - 1]?.hash ?? '0'.repeat(64)));
}

test('an entry is written with what it tells of, or neither is', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await store.issuance.recordIntents([intent('0A')], [event('certificate.issue')]);
  const outcomes = await Promise.allSettled([
    store.issuance.recordIntents([intent('0B')], [event('certificate.issue')]),
    // The second serial is taken: this request is undone whole, and the next one is chained past it.
    store.issuance.recordIntents(
      [intent('0C'), intent('0A')],
      [event('certificate.issue'), event('certificate.issue')],
    ),
    store.audit.append([event('authority.stop')]),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  const entries = await store.audit.read(1, 100);
  assert.deepEqual(
    entries.map(({ sequence, action }) => [sequence, action]),
    [
      [1, 'certificate.issue'],
      [2, 'certificate.issue'],
      [3, 'authority.stop'],
    ],
  );
  assert.ok(isLinked(entries));
  assert.deepEqual(await store.audit.head(), { sequence: 3, hash: entries[2]?.hash, atMs: startMs });
});

test('entries come back as they were written, also after a restart', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  const facts = { text: 'ä"\\', yes: true, count: 3, list: ['b', 'a'] };
  await first.audit.append([event('backup.create', { facts, personal: { actor: 'Zoë "Z"', address: '::1' } })]);
  const before = await first.audit.read(1, 10);
  await first.close();
  const second = await open(t, file);
  assert.deepEqual(await second.audit.read(1, 10), before);
  assert.deepEqual([before[0]?.facts, before[0]?.personal['actor']?.value], [facts, 'Zoë "Z"']);
  await second.audit.append([event('authority.start')]);
  assert.ok(isLinked(await second.audit.read(1, 10)));
});

test('a claim, a revocation or an order repeated writes nothing a second time', async (t) => {
  const store = await open(t, await temporaryFile(t));
  const token = {
    id: 't1',
    secretSha256: Uint8Array.of(1),
    names: ['web'],
    profile: 'service',
    createdAtMs: 1,
    expiresAtMs: 2,
  };
  await store.tokens.add([token], [event('token.create')]);
  const use = (serial: string, publicKeySha256: string) =>
    store.issuance.recordIntents(
      [{ ...intent(serial), token: { id: 't1', publicKeySha256 } }],
      [event('certificate.issue')],
    );
  await use('0A', 'a');
  await use('0B', 'a');
  await use('0C', 'b');
  const certificate = {
    ...{
      serialNumber: '0A',
      issuerKey: 'ab'.repeat(32),
      lineage: '0A',
      origin: 'test',
      profile: 'service',
      names: ['web'],
    },
    ...{
      spiffeId: 's',
      publicKeySha256: 'ab'.repeat(32),
      notBeforeMs: startMs,
      notAfterMs: startMs + 1000,
      issuedAtMs: startMs,
    },
    ...{ lifeMs: 1000, certificate: Uint8Array.of(1) },
  };
  await store.issuance.recordCertificates([certificate], 10);
  const order = { serialNumber: '0A', reason: 'superseded', atMs: startMs, usefulSinceMs: 0 } as const;
  for (let n = 0; n < 2; n++) await store.revocations.revoke(order, event('certificate.revoke'));
  assert.deepEqual(await actions(store), ['token.create', 'certificate.issue', 'certificate.revoke']);
  assert.deepEqual((await store.audit.read(3, 1))[0]?.facts, { serials: ['0A'], number: 1 });
});

test('a value that is erased is nowhere in the file, its hash is; others stay, and how many they were is on record', async (t) => {
  const file = await temporaryFile(t);
  const store = await open(t, file);
  await store.audit.append([
    event('token.create', { personal: { actor: 'zoe "the" reader', names: 'web' } }),
    event('token.create', { personal: { actor: 'max', names: 'web db' } }),
  ]);
  const [before] = await store.audit.read(1, 1);
  assert.equal(await store.audit.erasePersonal({ actor: 'zoe "the" reader' }, event('personal.erase')), 1);
  assert.equal(await store.audit.erasePersonal({ name: 'we' }, event('personal.erase')), 0);
  const [first, second, record] = await store.audit.read(1, 10);
  assert.deepEqual(first?.personal['actor'], { hash: before?.personal['actor']?.hash });
  assert.equal(first?.personal['names']?.value, 'web');
  assert.equal(second?.personal['actor']?.value, 'max');
  assert.deepEqual([record?.action, record?.facts], ['personal.erase', { fields: 1 }]);
  await store.close();
  assert.ok(!(await readFile(file)).includes('zoe'));
  assert.ok((await readFile(file)).includes('max'));
});

test('what a proposal said is erased where it names him, and where it names another it stays', async (t) => {
  const file = await temporaryFile(t);
  const store = await open(t, file);
  const ask = (what: string): ReturnType<typeof event> => event('approval.ask', { personal: { actor: 'max', what } });
  const entries = [
    ...['of the name zoe is erased for good', "a token for 'zoe'; whoever uses it", 'zoe.internal, and zoes'],
    'nobody',
  ];
  await store.audit.append(entries.map(ask));
  assert.equal(await store.audit.erasePersonal({ name: 'zoe' }, event('personal.erase')), 2);
  const read = await store.audit.read(1, 4);
  assert.deepEqual(
    read.map(({ personal }) => personal['what']?.value),
    [undefined, undefined, ...entries.slice(2)],
  );
  assert.ok(read.every(({ personal }) => personal['actor']?.value === 'max'));
  assert.equal(await store.audit.erasePersonal({ actor: 'max' }, event('personal.erase')), 6);
});

test('the program itself cannot remove or change an entry; a number whose entry was removed all the same is not given again', async (t) => {
  const file = await temporaryFile(t);
  const first = await open(t, file);
  await first.audit.append([event('authority.start'), event('authority.stop')]);
  await first.close();
  const database = new DatabaseSync(file);
  assert.throws(() => database.exec('DELETE FROM audit WHERE sequence = 2'), /are kept/);
  assert.throws(() => database.exec("UPDATE audit SET facts = '{}' WHERE sequence = 2"), /can be erased/);
  database.exec('DROP TRIGGER audit_is_kept; DELETE FROM audit WHERE sequence = 2');
  database.close();
  const second = await open(t, file);
  assert.deepEqual([(await second.audit.head()).sequence, await second.audit.counted()], [1, 2]);
  await second.audit.append([event('authority.start')]);
  assert.deepEqual(
    (await second.audit.read(1, 10)).map(({ sequence }) => sequence),
    [1, 3],
  );
});

test('the first number can be put beyond those that others may have seen', async (t) => {
  const store = await open(t, await temporaryFile(t));
  await store.audit.append([event('authority.start')]);
  const head = await store.audit.append([event('backup.restore', { facts: { resumesAfter: 1 } })], { after: 1000 });
  assert.equal(head.sequence, 1001);
});

test('a database of version 1 is carried on with its intents and certificates, and its log begins', async (t) => {
  const file = await temporaryFile(t);
  const old = openDatabase(file, { migrations: migrations.slice(0, 1), nowMs: startMs });
  old.exec(`INSERT INTO intent VALUES ('0A', '${'ab'.repeat(32)}', 'own:x', '00', 77);
    INSERT INTO certificate VALUES (1, '0A', '${'ab'.repeat(32)}', '0A', 'own:x', 'service', '["web"]', 's', '${'cd'.repeat(32)}', 1, 2, 1, 1, x'01')`);
  removeHolder(file);
  old.close();
  const store = await open(t, file);
  assert.equal(await store.issuance.latestIntentMs(), 77);
  assert.equal((await store.inventory.bySerialNumber(['0A']))[0]?.origin, 'own:x');
  // The serial number stays taken.
  await assert.rejects(store.issuance.recordIntents([intent('0A')], [event('certificate.issue')]));
  assert.equal((await store.audit.append([event('authority.start')])).sequence, 1);
});
