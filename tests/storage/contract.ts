/** What every storage must do, whatever it keeps things in: tests over its ports. A new one runs them from a file of its own. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type {
  CertificateInventory,
  IssuanceLedger,
  IssuedCertificate,
} from '../../packages/countersign/src/issuing/authority/index.ts';
import type { RevokedRows } from '../../packages/countersign/src/issuing/crl/index.ts';
import type { TokenVault } from '../../packages/countersign/src/issuing/enrollment-server/index.ts';
import type {
  EndpointRegister,
  RevocationLedger,
  StoreKeeper,
  TidyCounts,
  TidyRules,
} from '../../packages/countersign/src/issuing/server/index.ts';
import {
  addTokens,
  certificate,
  dayMs,
  intent,
  issuerKey,
  keep,
  keyHash,
  recordIntents,
  revoke,
  startMs,
  unspecified,
  useOf,
} from '../fixtures/stored-certificates.ts';

export interface IssuingPorts {
  readonly issuance: IssuanceLedger;
  readonly inventory: CertificateInventory;
}

export interface StoragePorts extends IssuingPorts {
  readonly tokens: TokenVault;
  readonly revocations: RevocationLedger;
  readonly revokedRows: RevokedRows;
  readonly endpoints: EndpointRegister;
  readonly keeper: StoreKeeper;
}

/** Opens an empty one, and closes it after the test. */
export type Open<Ports> = (t: TestContext) => Promise<Ports>;

/** What the authority itself rests on. */
export function issuingContract(name: string, open: Open<IssuingPorts>): void {
  test(`${name}: a serial number is taken once, and only that request fails`, async (t) => {
    const store = await open(t);
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

  test(`${name}: a certificate without a recorded intent is not kept`, async (t) => {
    const store = await open(t);
    await assert.rejects(store.issuance.recordCertificates([certificate('0A')], 10));
  });

  test(`${name}: pages go through all certificates in the order of issuing`, async (t) => {
    const store = await open(t);
    await keep(store, ...['0C', '0A', '0B'].map((serial) => certificate(serial)));
    const first = await store.inventory.page(undefined, 2);
    const second = await store.inventory.page(first.next, 2);
    assert.deepEqual(
      [...first.records, ...second.records].map(({ serialNumber }) => serialNumber),
      ['0C', '0A', '0B'],
    );
    assert.equal(second.next, undefined);
  });

  test(`${name}: two certificates for one token are refused`, async (t) => {
    const store = await open(t);
    await keep(store, certificate('0A', { origin: 'token:t1' }));
    await assert.rejects(keep(store, certificate('0B', { origin: 'token:t1' })));
  });

  test(`${name}: a line of renewals has no more unexpired certificates than it may; those that expired do not count`, async (t) => {
    const store = await open(t);
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

  test(`${name}: what was never issued is not found, whatever is asked for`, async (t) => {
    const { inventory } = await open(t);
    assert.deepEqual(await inventory.bySerialNumber(['0A', 'no serial number']), [undefined, undefined]);
    assert.deepEqual(await inventory.byOrigin(['token:t1', 'renewal:0A']), [undefined, undefined]);
    assert.deepEqual(await inventory.byName('web', undefined, 10), { records: [] });
  });

  test(`${name}: by name, in the order of issuing, page by page, and only the whole name`, async (t) => {
    const store = await open(t);
    const named = (serial: string, ...names: string[]): IssuedCertificate => certificate(serial, { names });
    await keep(store, named('0C', 'web', 'www'), named('0A', 'db'), named('0B', 'web'), named('0D', 'web.internal'));
    const serials = ({ records }: { records: readonly { serialNumber: string }[] }): string[] =>
      records.map(({ serialNumber }) => serialNumber);
    const first = await store.inventory.byName('web', undefined, 1);
    const second = await store.inventory.byName('web', first.next, 1);
    assert.deepEqual([serials(first), serials(second), second.next], [['0C'], ['0B'], undefined]);
    assert.deepEqual(serials(await store.inventory.byName('www', undefined, 10)), ['0C']);
  });

  test(`${name}: a certificate for a token is found by its origin`, async (t) => {
    const store = await open(t);
    await keep(store, certificate('0A', { origin: 'token:t1' }), certificate('0B', { origin: 'renewal:0A' }));
    const [found, other] = await store.inventory.byOrigin(['token:t1', 'token:t2']);
    assert.deepEqual([found?.serialNumber, other], ['0A', undefined]);
  });

  test(`${name}: the latest intent's time is the latest of all, in whatever order they came, also when it is kept`, async (t) => {
    const store = await open(t);
    assert.equal(await store.issuance.latestIntentMs(), undefined);
    await recordIntents(store, [intent('0A', startMs + 5), intent('0B', startMs + 3)]);
    await recordIntents(store, [intent('0C', startMs + 1)]);
    await store.issuance.recordCertificates([certificate('0A')], 10);
    assert.equal(await store.issuance.latestIntentMs(), startMs + 5);
  });

  test(`${name}: a serial number is taken also when its certificate is kept`, async (t) => {
    const store = await open(t);
    await keep(store, certificate('0A'));
    await assert.rejects(recordIntents(store, [intent('0A')]));
    await assert.rejects(store.issuance.recordCertificates([certificate('0A')], 10));
  });
}

/** All of the ports. */
export function storageContract(name: string, open: Open<StoragePorts>): void {
  issuingContract(name, open);

  test(`${name}: a token's first use holds, and a later one records nothing`, async (t) => {
    const store = await open(t);
    const token = {
      id: 't1',
      secretSha256: Uint8Array.of(1),
      profile: 'batch',
      names: ['web'],
      createdAtMs: 1,
      expiresAtMs: 2,
    };
    await addTokens(store, [token]);
    assert.equal((await store.tokens.find(['t1']))[0]?.profile, 'batch');
    const outcomes = await Promise.all([
      recordIntents(store, [useOf('t1', 'a', '0A', 5), intent('0B', 5), useOf('t1', 'b', '0C', 5)]),
      recordIntents(store, [useOf('t1', 'a', '0D', 6)]),
      recordIntents(store, [useOf('other', 'a', '0E', 6)]),
    ]);
    const held = { publicKeySha256: 'a', atMs: 5 };
    assert.deepEqual(outcomes, [['recorded', 'recorded', held], [held], ['unknown-token']]);
    assert.deepEqual((await store.tokens.find(['t1']))[0]?.claim, held);
    assert.equal(await store.issuance.latestIntentMs(), 5);
    assert.deepEqual(await store.issuance.recordCertificates([certificate('0A'), certificate('0B')], 10), [
      'recorded',
      'recorded',
    ]);
    for (const serial of ['0C', '0D', '0E'])
      await assert.rejects(store.issuance.recordCertificates([certificate(serial)], 10), /intent/);
  });

  test(`${name}: expired entries leave the state, not the record`, async (t) => {
    const store = await open(t);
    await keep(store, certificate('0A'));
    await revoke(store, { serialNumber: '0A', ...unspecified });
    const state = await store.revocations.feedState(startMs + 2 * 86_400_000);
    assert.deepEqual([state.number, state.revoked], [1, []]);
    assert.ok((await store.inventory.bySerialNumber(['0A']))[0]?.revoked);
  });

  test(`${name}: a revocation takes the line of renewals with it, and the key of the same identity`, async (t) => {
    const store = await open(t);
    await keep(
      store,
      certificate('01', { publicKeySha256: keyHash('k1') }),
      certificate('02', { publicKeySha256: keyHash('k1'), lineage: '01' }),
      certificate('03', { publicKeySha256: keyHash('k2'), lineage: '01' }),
      certificate('04', { publicKeySha256: keyHash('k2') }),
      certificate('05', { publicKeySha256: keyHash('k2'), spiffeId: 'spiffe://dev.internal/db' }),
      certificate('06', { publicKeySha256: keyHash('k3') }),
    );
    const result = await revoke(store, { serialNumber: '02', ...unspecified });
    assert.deepEqual(result?.serialNumbers, ['01', '02', '03', '04']);
    // The key itself is out: whatever it was certified for goes.
    const compromise = await revoke(store, { serialNumber: '04', ...unspecified, reason: 'keyCompromise' });
    assert.deepEqual(compromise?.serialNumbers, ['01', '02', '03', '04', '05']);
    assert.equal(compromise.change?.revoked.length, 1);
    assert.equal((await store.inventory.bySerialNumber(['06']))[0]?.revoked, undefined);
  });

  test(`${name}: no certificate is kept for a key that was revoked as compromised; after another reason a new line may have it`, async (t) => {
    const store = await open(t);
    await keep(
      store,
      certificate('01', { publicKeySha256: keyHash('k1') }),
      certificate('02', { publicKeySha256: keyHash('k2') }),
    );
    await revoke(store, { serialNumber: '01', ...unspecified });
    await revoke(store, { serialNumber: '02', ...unspecified, reason: 'keyCompromise' });
    await recordIntents(store, [intent('03'), intent('04')]);
    const outcomes = await store.issuance.recordCertificates(
      [certificate('03', { publicKeySha256: keyHash('k1') }), certificate('04', { publicKeySha256: keyHash('k2') })],
      10,
    );
    assert.deepEqual(outcomes, ['recorded', 'key-compromised']);
  });

  test(`${name}: by name: what carries it and can still be used or renewed, and never the authority itself`, async (t) => {
    const store = await open(t);
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

  test(`${name}: a certificate of a line that was revoked meanwhile is not kept`, async (t) => {
    const store = await open(t);
    await keep(store, certificate('01'));
    await recordIntents(store, [intent('02')]);
    const [, outcomes] = await Promise.all([
      revoke(store, { serialNumber: '01', ...unspecified }),
      store.issuance.recordCertificates([certificate('02', { lineage: '01' })], 10),
    ]);
    assert.deepEqual(outcomes, ['lineage-revoked']);
    assert.deepEqual(await store.inventory.bySerialNumber(['02']), [undefined]);
  });

  test(`${name}: what expired long before it was revoked is revoked, and not told`, async (t) => {
    const store = await open(t);
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

  test(`${name}: changes are told from any number that is known`, async (t) => {
    const store = await open(t);
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

  test(`${name}: another bundle gets the next sequence and the next number; the same one nothing`, async (t) => {
    const store = await open(t);
    const bundle = { trustDomain: 'dev.internal', anchors: ['a'], intermediates: ['i'] };
    assert.equal(await store.revocations.establishBundle(bundle, startMs), undefined);
    assert.equal(await store.revocations.establishBundle(bundle, startMs), undefined);
    const changed = await store.revocations.establishBundle({ ...bundle, anchors: ['a', 'b'] }, startMs);
    assert.deepEqual([changed?.number, changed?.bundle?.sequence], [1, 2]);
    assert.deepEqual((await store.revocations.changesAfter(0, 5))?.[0]?.bundle?.anchors, ['a', 'b']);
    assert.deepEqual((await store.revocations.feedState(startMs)).bundle?.sequence, 2);
  });

  test(`${name}: a revocation and its number are one, and repeated it changes nothing`, async (t) => {
    const { issuance, revocations } = await open(t);
    await keep({ issuance }, certificate('0A'), certificate('0B', { names: ['db'] }));
    const result = await revoke({ revocations }, { serialNumber: '0A', ...unspecified });
    assert.deepEqual([result?.number, result?.serialNumbers, result?.change?.revoked.length], [1, ['0A'], 1]);
    assert.deepEqual(await revoke({ revocations }, { serialNumber: '0A', ...unspecified }), {
      serialNumbers: ['0A'],
      number: 1,
    });
    assert.equal(await revoke({ revocations }, { serialNumber: '0F', ...unspecified }), undefined);
    assert.equal(await revoke({ revocations }, { serialNumber: 'no serial number', ...unspecified }), undefined);
  });

  test(`${name}: endpoints come and go, and those long silent are forgotten`, async (t) => {
    const { endpoints } = await open(t);
    const one = { spiffeId: 's', endpoint: 'e', serialNumber: '01', acknowledged: 3, seenAtMs: 10, subscribed: false };
    await endpoints.record([one, { ...one, endpoint: 'old', seenAtMs: 5 }]);
    await endpoints.record([{ ...one, acknowledged: 4 }]);
    assert.deepEqual(await endpoints.load(8), [{ ...one, acknowledged: 4 }]);
  });

  tidyingContract(name, open);
}

/** A day's rules, so that what is kept for how long can be told apart. */
const keepRules: TidyRules = {
  certificatesMs: 10 * dayMs,
  revocationsMs: 10 * dayMs,
  tokensMs: 3 * dayMs,
  intentsMs: 20 * dayMs,
  endpointsMs: 2 * dayMs,
  feedChanges: 2,
};

/** To the end, as the authority does; the counts of all steps. */
async function tidied(
  { keeper }: StoragePorts,
  nowMs: number,
  { most = 2, rules = keepRules }: { most?: number; rules?: TidyRules } = {},
): Promise<TidyCounts> {
  const sum = { certificates: 0, revocations: 0, tokens: 0, intents: 0, endpoints: 0, changes: 0 };
  let cursor: string | undefined;
  do {
    const { removed, next } = await keeper.tidy({ nowMs, keep: rules, most, cursor });
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) {
      assert.ok(removed[name] <= most, 'a step is no larger than it may be');
      sum[name] += removed[name];
    }
    cursor = next;
  } while (cursor !== undefined);
  return sum;
}

function tidyingContract(name: string, open: Open<StoragePorts>): void {
  const serials = async ({ inventory }: StoragePorts): Promise<string[]> =>
    (await inventory.page(undefined, 100)).records.map(({ serialNumber }) => serialNumber);
  const expiresAt = (days: number): { notAfterMs: number } => ({ notAfterMs: startMs + days * dayMs });

  test(`${name}: certificates go when they are expired for as long as they are kept, with their names`, async (t) => {
    const store = await open(t);
    await keep(store, ...['01', '02', '03', '04', '05'].map((serial) => certificate(serial)));
    await keep(store, certificate('06', expiresAt(2)));
    assert.equal((await tidied(store, startMs + 11 * dayMs)).certificates, 0, 'in the last moment they are there');
    assert.equal((await tidied(store, startMs + 11 * dayMs + 1)).certificates, 5);
    assert.deepEqual(await serials(store), ['06']);
    const named = await store.inventory.byName('web', undefined, 10);
    assert.deepEqual(
      named.records.map(({ serialNumber }) => serialNumber),
      ['06'],
    );
  });

  test(`${name}: one token still has one certificate: it stays for as long as its token does`, async (t) => {
    const store = await open(t);
    const token = { secretSha256: Uint8Array.of(1), profile: 'service', names: ['web'], createdAtMs: startMs };
    await addTokens(store, [
      { ...token, id: 'long', expiresAtMs: startMs + 30 * dayMs },
      { ...token, id: 'short', expiresAtMs: startMs + dayMs },
    ]);
    await keep(store, certificate('0A', { origin: 'token:long' }), certificate('0B', { origin: 'token:short' }));
    assert.deepEqual(await tidied(store, startMs + 12 * dayMs), {
      ...{ certificates: 1, revocations: 0, tokens: 1, intents: 0, endpoints: 0, changes: 0 },
    });
    assert.equal((await store.inventory.byOrigin(['token:long']))[0]?.serialNumber, '0A');
    assert.deepEqual(
      (await store.tokens.find(['long', 'short'])).map((found) => found?.id),
      ['long', undefined],
    );
    await tidied(store, startMs + 40 * dayMs);
    assert.deepEqual(await serials(store), []);
  });

  test(`${name}: a revoked line stays revoked for as long as a certificate of it is on record`, async (t) => {
    const store = await open(t);
    await keep(store, certificate('01'), certificate('02', { lineage: '01', ...expiresAt(30) }));
    await revoke(store, { serialNumber: '01', ...unspecified });
    const counts = await tidied(store, startMs + 12 * dayMs);
    assert.deepEqual([counts.certificates, counts.revocations], [1, 0]);
    assert.ok((await store.inventory.bySerialNumber(['02']))[0]?.lineageRevoked);
    await recordIntents(store, [intent('03')]);
    assert.deepEqual(await store.issuance.recordCertificates([certificate('03', { lineage: '01' })], 10), [
      'lineage-revoked',
    ]);
    const later = await tidied(store, startMs + 41 * dayMs);
    assert.deepEqual([later.certificates, later.revocations], [1, 2]);
  });

  test(`${name}: a key that was revoked as compromised is never certified again, however long ago`, async (t) => {
    const store = await open(t);
    await keep(store, certificate('01', { publicKeySha256: keyHash('k') }));
    await revoke(store, { serialNumber: '01', ...unspecified, reason: 'keyCompromise' });
    await tidied(store, startMs + 400 * dayMs);
    assert.deepEqual(await serials(store), []);
    await recordIntents(store, [intent('02')]);
    assert.deepEqual(
      await store.issuance.recordCertificates([certificate('02', { publicKeySha256: keyHash('k') })], 10),
      ['key-compromised'],
    );
  });

  test(`${name}: what ties two living lines together by a key stays, and nothing else of them`, async (t) => {
    const store = await open(t);
    const [shared, own] = [{ publicKeySha256: keyHash('shared') }, { publicKeySha256: keyHash('own') }];
    await keep(
      store,
      certificate('01', shared),
      certificate('02', { lineage: '01', ...shared }),
      certificate('03', { lineage: '01', ...own, ...expiresAt(40) }),
      certificate('04', { ...shared, ...expiresAt(40) }),
    );
    await tidied(store, startMs + 12 * dayMs);
    assert.deepEqual(await serials(store), ['02', '03', '04']);
    const order = { serialNumber: '03', ...unspecified, usefulSinceMs: startMs + 20 * dayMs };
    assert.deepEqual((await revoke(store, order))?.serialNumbers, ['03', '04']);
  });

  test(`${name}: the latest intent's time outlives the intents and their certificates`, async (t) => {
    const store = await open(t);
    await recordIntents(store, [intent('01', startMs), intent('02', startMs + 7), intent('03', startMs + 5)]);
    assert.equal((await tidied(store, startMs + 20 * dayMs)).intents, 0);
    assert.equal((await tidied(store, startMs + 21 * dayMs)).intents, 3);
    assert.equal(await store.issuance.latestIntentMs(), startMs + 7);
  });

  test(`${name}: the last changes of the feed can be told one by one, earlier ones are in the whole state`, async (t) => {
    const store = await open(t);
    const all = ['01', '02', '03', '04', '05'];
    await keep(store, ...all.map((serial) => certificate(serial, { publicKeySha256: keyHash(serial) })));
    for (const serialNumber of all) await revoke(store, { serialNumber, ...unspecified });
    assert.equal((await tidied(store, startMs)).changes, 3);
    assert.deepEqual(
      (await store.revocations.changesAfter(3, 10))?.map(({ number }) => number),
      [4, 5],
    );
    assert.equal(await store.revocations.changesAfter(2, 10), undefined);
    const state = await store.revocations.feedState(startMs);
    assert.deepEqual([state.number, state.revoked.length], [5, 5]);
  });

  test(`${name}: endpoints that left long ago go; those that follow the feed stay`, async (t) => {
    const store = await open(t);
    const one = { spiffeId: 's', serialNumber: '01', acknowledged: 3, seenAtMs: startMs, subscribed: false };
    await store.endpoints.record([
      { ...one, endpoint: 'left' },
      { ...one, endpoint: 'here', subscribed: true },
    ]);
    assert.equal((await tidied(store, startMs + 3 * dayMs)).endpoints, 1);
    assert.deepEqual(
      (await store.endpoints.load(0)).map(({ endpoint }) => endpoint),
      ['here'],
    );
  });
}

/** The rows of an issuer's revocation lists, in pages. */
export function revokedRowsContract(name: string, open: Open<StoragePorts>): void {
  test(`${name}: what is revoked of an issuer is read in pages, by serial number and by feed number`, async (t) => {
    const store = await open(t);
    const other = certificate('0D', { issuerKey: 'cd'.repeat(32) });
    await keep(store, ...['0C', '0A', '0B'].map((serial) => certificate(serial)), other);
    for (const serialNumber of ['0C', '0A', '0D', '0B'])
      await revoke(store, {
        serialNumber,
        ...unspecified,
        reason: serialNumber === '0A' ? 'certificateHold' : 'superseded',
      });
    const { all, since, released } = store.revokedRows;
    const first = await all(issuerKey, 0, undefined, 2);
    const second = await all(issuerKey, 0, first.last, 2);
    assert.deepEqual([[...first.serials], [...first.reasons], first.more], [[1, 0x0a, 1, 0x0b], [6, 4], true]);
    assert.deepEqual([[...second.serials], second.last?.serialNumber, second.more], [[1, 0x0c], '0C', false]);
    assert.deepEqual(
      [...first.revokedAt, ...second.notAfter],
      [...[unspecified.atMs, unspecified.atMs], certificate('0C').notAfterMs],
    );
    assert.equal((await all(issuerKey, certificate('0C').notAfterMs + 1, undefined, 9)).reasons.length, 0);
    assert.equal((await all('00'.repeat(32), 0, undefined, 9)).more, false);
    const later = await since(issuerKey, { number: 1, serialNumber: 'FF' }, 1);
    assert.deepEqual([[...later.serials], later.more], [[1, 0x0a], true]);
    const rest = await since(issuerKey, later.last ?? { number: 0, serialNumber: '00' }, 9);
    assert.deepEqual([[...rest.serials], rest.more], [[1, 0x0b], false], "another issuer's are left out");
    assert.deepEqual(await released(issuerKey, ['0A', '0E']), ['0E']);
  });
}
