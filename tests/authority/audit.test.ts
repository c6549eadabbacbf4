/** The audit log of a running authority: what it holds, and that a log which was rewritten or cut off is noticed by a live endpoint and by both sides. */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { RevocationState, type RevocationView } from '../../packages/countersign/src/identity/revocation/index.ts';
import type { BundleSet } from '../../packages/countersign/src/identity/spiffe/index.ts';
import { type AuditEntry, encodeEntry, verifyChain } from '../../packages/countersign/src/runtime/audit/index.ts';
import { sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { fixedSource, MutableSource, Trust } from '../../packages/countersign/src/runtime/tls/index.ts';
import { openSqliteStore } from '../../packages/countersign/src/store/sqlite/index.ts';
import {
  type HeldCredential,
  toBundles,
  toCredential,
} from '../../packages/countersign/src/traffic/enrollment/index.ts';
import {
  type FeedEvent,
  fileAuditMemory,
  followFeed,
} from '../../packages/countersign/src/traffic/revocation-sources/index.ts';
import { type ServerHouse, startHouse, temporaryDirectory } from './server-house.ts';

interface Endpoint {
  readonly events: FeedEvent[];
  readonly contradictions: () => string[];
  close(): Promise<void>;
}

/** Follows the feed and remembers in `folder`; here when the first message is in force. */
async function watch(t: TestContext, house: ServerHouse, held: HeldCredential, folder: string): Promise<Endpoint> {
  const bundles = new MutableSource<BundleSet>(toBundles(held));
  const revocations = new MutableSource<RevocationView>(RevocationState.unknown);
  const trust = new Trust({ bundles, revocations, clock: systemClock });
  const events: FeedEvent[] = [];
  const follower = followFeed({
    ...{ url: house.server.url, rootSha256: house.server.rootSha256, credentials: fixedSource(toCredential(held)) },
    ...{ bundles, revocations, trust, endpoint: 'endpoint-0123456789', clock: systemClock },
    auditMemory: fileAuditMemory(folder),
    onEvent: (event) => events.push(event),
  });
  const close = async (): Promise<void> => {
    await follower.close();
    trust.close();
  };
  t.after(close);
  await follower.ready;
  return {
    events,
    contradictions: () => events.flatMap((event) => (event.type === 'audit-contradicted' ? [event.refusal.code] : [])),
    close,
  };
}

const entriesOf = (house: ServerHouse): Promise<readonly AuditEntry[]> => house.store.audit.read(1, 1000);

/** Of an authority that does not run. */
async function entriesIn(dir: string): Promise<readonly AuditEntry[]> {
  const store = await openSqliteStore({ file: join(dir, 'authority.db'), clock: systemClock });
  const entries = await store.audit.read(1, 1000);
  await store.close();
  return entries;
}

/** What somebody with the database file in his hands can do. */
function tamper(house: ServerHouse, change: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(house.dir, 'authority.db'));
  database.exec('DROP TRIGGER audit_is_kept; DROP TRIGGER audit_is_fixed');
  change(database);
  database.close();
}

/** Everything from `first` on, made anew with hashes that fit. */
function rewrite(entries: readonly AuditEntry[], first: number): (database: DatabaseSync) => void {
  return (database) => {
    const update = database.prepare('UPDATE audit SET at = ?, previous = ?, hash = ? WHERE sequence = ?');
    let previous = entries[first - 2]?.hash ?? '0'.repeat(64);
    for (const entry of entries.slice(first - 1)) {
      const changed = { ...entry, atMs: entry.atMs + 1, previous };
      const hash = sha256Hex(Buffer.from(encodeEntry(changed)));
      update.run(changed.atMs, Buffer.from(previous, 'hex'), Buffer.from(hash, 'hex'), entry.sequence);
      previous = hash;
    }
  };
}

test('issuing, tokens, revocations, start and end are in the log, chained, with who did it', async (t) => {
  const house = await startHouse(t);
  await house.service('web');
  await house.local.revoke({ name: 'web', reason: 'superseded' });
  const entries = await entriesOf(house);
  assert.deepEqual(verifyChain(entries).findings, []);
  const own = ['certificate.issue', 'certificate.issue'];
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['authority.start', ...own, 'token.create', 'certificate.issue', 'certificate.revoke'],
  );
  const [, , , token, issue, revoke] = entries;
  assert.match(token!.personal['actor']!.value!, /^uid:\d+(?: \(.+\))?$/);
  assert.equal(issue!.facts['origin'], `token:${String(token!.facts['token'])}`);
  assert.equal(issue!.personal['names']!.value, 'web spiffe://dev.internal/web');
  assert.deepEqual(revoke!.facts, {
    ...{ actorKind: 'local-user', reason: 'superseded', number: 1, serials: [issue!.facts['serial']] },
  });
  // No entry holds what is personal outside of where it can be erased.
  for (const { facts } of entries) assert.ok(!JSON.stringify(facts).includes('web'));
});

test('an end without a farewell is in the log of the next run', async (t) => {
  const house = await startHouse(t);
  const again = await house.restart();
  // Killed: the last entry is gone as if it had not been written.
  await again.stop();
  tamper(again, (database) => {
    database.exec('DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)');
    database.exec("UPDATE sqlite_sequence SET seq = (SELECT max(sequence) FROM audit) WHERE name = 'audit'");
  });
  const third = await startHouse(t, { dir: again.dir });
  const starts = (await entriesOf(third)).filter(({ action }) => action === 'authority.start');
  assert.deepEqual(
    starts.map(({ facts }) => facts['endedBefore']),
    [undefined, true, false],
  );
});

test('a live endpoint finds nothing to say of a log that goes on, over restarts of both', async (t) => {
  const house = await startHouse(t, { heartbeatMs: 50 });
  const held = await house.service('web');
  const folder = await temporaryDirectory(t);
  const first = await watch(t, house, held, folder);
  await first.close();
  const again = await house.restart();
  await again.service('db');
  const second = await watch(t, again, held, folder);
  await second.close();
  assert.deepEqual([...first.contradictions(), ...second.contradictions()], []);
  assert.deepEqual(
    again.events.filter(({ event }) => event === 'audit-contradicted'),
    [],
  );
});

test('a log that was rewritten, or cut off, is noticed on both sides when the endpoint comes back', async (t) => {
  for (const [how, code] of [
    ['rewritten', 'CS-AUDIT-001'],
    ['cut off', 'CS-AUDIT-002'],
  ] as const) {
    const house = await startHouse(t);
    const held = await house.service('web');
    for (const name of ['a', 'b', 'c']) await house.service(name);
    const folder = await temporaryDirectory(t);
    const endpoint = await watch(t, house, held, folder);
    await endpoint.close();
    await house.stop();
    const entries = await entriesIn(house.dir);
    tamper(house, (database) => {
      if (how === 'rewritten') rewrite(entries, 4)(database);
      else
        database.exec("DELETE FROM audit WHERE sequence > 4; UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit'");
    });
    // The log is sound in itself: nothing but a witness can tell.
    assert.deepEqual(verifyChain(await entriesIn(house.dir)).findings, [], how);
    const next = await startHouse(t, { dir: house.dir });
    const back = await watch(t, next, held, folder);
    assert.deepEqual(back.contradictions(), [code], how);
    const told = next.events.flatMap((event) => (event.event === 'audit-contradicted' ? [event.refusal.code] : []));
    assert.deepEqual(told, [code], how);
    const messages = back.events.flatMap((event) => (event.type === 'audit-contradicted' ? [event.evidence] : []));
    assert.ok(messages.every(({ earlier, later }) => earlier.split('.').length >= 3 && later.split('.').length >= 3));
    await back.close();
  }
});

test('the log is sent on to whom the settings name, its end included, and goes on after a restart', async (t) => {
  const received: number[] = [];
  const receiver = createServer((socket) => {
    socket.setEncoding('utf8').on('data', (part: string) => {
      for (const [, sequence] of part.matchAll(/ sequence="(\d+)"/g)) received.push(Number(sequence));
    });
  });
  await new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening));
  t.after(() => receiver.close());
  const address = `tcp://127.0.0.1:${String((receiver.address() as AddressInfo).port)}`;
  const settings = fixedSource({ audit: { export: [address] } });
  const house = await startHouse(t, { settings });
  await house.stop();
  const again = await startHouse(t, { dir: house.dir, settings });
  await again.stop();
  const entries = await entriesIn(house.dir);
  while (received.length < entries.length) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(
    received,
    entries.map(({ sequence }) => sequence),
  );
  assert.equal(entries.at(-1)?.action, 'authority.stop');
});
