import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { hourMs } from '../../../../../tests/fixtures/certificates.ts';
import {
  compromised,
  hold,
  numberOf,
  openHouse,
  reasonOf,
  serials,
  startMs,
} from '../../../../../tests/fixtures/published-lists.ts';
import { manualClock } from '../../ground/clock/index.ts';
import type { CertificateList } from '../../identity/x509/index.ts';

test('an entry is in the whole list and in that of its shard alone, whose point is the address in certificates', async (t) => {
  const house = await openHouse(t);
  await house.revoke('0A0B02', compromised);
  await house.revoke('8000000000000000000000000000000000000001', 0);
  assert.deepEqual(serials(await house.list('all')), ['0A0B02', '8000000000000000000000000000000000000001']);
  assert.deepEqual(serials(await house.list('4-2')), ['0A0B02']);
  assert.deepEqual(serials(await house.list('4-1')), ['8000000000000000000000000000000000000001']);
  assert.deepEqual(serials(await house.list('4-3')), []);
  const { issuingDistributionPoint: point, freshestCrl } = await house.list('4-2');
  assert.ok(point?.distributionPoint?.kind === 'full');
  const [uri = ''] = point.distributionPoint.names.uri;
  assert.match(uri, /^http:\/\/crl\.example\/crl\/[0-9a-f]{16}\/4-2\.crl$/);
  assert.deepEqual(freshestCrl?.[0]?.fullName?.uri, [uri.replace(/\.crl$/, '-delta.crl')]);
  assert.equal((await house.list('all')).issuingDistributionPoint, undefined);
  assert.equal((await house.list('all')).revoked.find('0A0B02')[0]?.revocationDate, startMs);
  assert.equal(reasonOf(await house.list('all'), '0A0B02'), 'keyCompromise');
  assert.deepEqual(house.failures, []);
});

test('a delta has what came since the edition before, and a hold that ended as removeFromCRL', async (t) => {
  const house = await openHouse(t);
  const first = await house.list('all');
  await house.revoke('0A02', hold);
  await house.revoke('0B02', compromised);
  const delta = await house.list('4-2-delta');
  assert.deepEqual([serials(delta), delta.baseCrlNumber], [['0A02', '0B02'], first.crlNumber]);
  assert.equal(reasonOf(await house.list('4-2'), '0A02'), 'certificateHold');
  await house.release('0A02');
  assert.deepEqual(serials(await house.list('4-2')), ['0B02']);
  assert.equal(reasonOf(await house.list('4-2-delta'), '0A02'), 'removeFromCRL');
  await house.pass(12 * hourMs);
  const second = await house.list('all');
  assert.deepEqual(serials(await house.list('all-delta')), ['0A02', '0B02']);
  assert.equal((await house.list('all-delta')).baseCrlNumber, first.crlNumber, 'lists of the first are still good');
  await house.pass(12 * hourMs);
  assert.deepEqual(serials(await house.list('all-delta')), []);
  assert.equal((await house.list('all-delta')).baseCrlNumber, second.crlNumber);
});

test('lists that nothing has changed are made anew at half of their lives, deltas at half of theirs', async (t) => {
  const house = await openHouse(t);
  const [first, delta] = [await house.list('4-0'), await house.list('4-0-delta')];
  assert.equal(first.nextUpdate, startMs + 24 * hourMs);
  await house.pass(hourMs / 2 - 1000);
  assert.equal((await house.list('4-0-delta')).crlNumber, delta.crlNumber);
  await house.pass(1000);
  const renewed = await house.list('4-0-delta');
  assert.equal(renewed.nextUpdate, startMs + 1.5 * hourMs);
  assert.ok(numberOf(renewed) > numberOf(delta));
  await house.pass(11.5 * hourMs - 1000);
  assert.equal((await house.list('4-0')).crlNumber, first.crlNumber);
  await house.pass(1000);
  assert.ok(numberOf(await house.list('4-0')) > numberOf(renewed));
  await house.revoke('0A00', 0);
  const between = await house.list('4-0');
  assert.equal(between.nextUpdate, startMs + 12 * hourMs + 24 * hourMs);
});

test('the entry of a certificate that has ended is in one list more', async (t) => {
  const house = await openHouse(t);
  await house.revoke('0A00', 0, startMs + hourMs);
  await house.pass(12 * hourMs);
  assert.deepEqual(serials(await house.list('all')), ['0A00'], 'the first after its end');
  await house.pass(12 * hourMs);
  assert.deepEqual(serials(await house.list('all')), []);
  assert.deepEqual(serials(await house.list('4-0')), []);
});

test('after a restart the lists have everything, with greater numbers, though the clock went back', async (t) => {
  const house = await openHouse(t);
  await house.revoke('0A00', 0);
  const before = await house.list('all');
  await house.publisher.close();
  house.rows = [...house.rows, { ...house.rows[0]!, serialNumber: '0B01' }];
  Object.assign(house, { clock: manualClock(startMs - 30_000) });
  house.start(8);
  await house.publisher.ready;
  const after = await house.list('all');
  assert.deepEqual(serials(after), ['0A00', '0B01']);
  assert.ok(numberOf(after) > numberOf(before));
  assert.deepEqual(serials(await house.list('4-1')), ['0B01'], 'certificates that are out name shards of four');
  assert.deepEqual(serials(await house.list('8-1')), ['0B01']);
  const delta = await house.list('4-1-delta');
  assert.ok(BigInt(`0x${delta.baseCrlNumber ?? ''}`) < numberOf(before));
});

/** What a relying party makes of a complete list that it has and a delta list (RFC 5280, 5.2.4): none where the one does not fit the other. */
function combined(complete: CertificateList, delta: CertificateList): string[] | undefined {
  if (BigInt(`0x${delta.baseCrlNumber ?? ''}`) > numberOf(complete) || numberOf(delta) < numberOf(complete))
    return undefined;
  const all = new Set(serials(complete));
  for (const { serialNumber, reason } of delta.revoked)
    if (reason === 'removeFromCRL') all.delete(serialNumber);
    else all.add(serialNumber);
  return [...all].sort();
}

for (const end of ['an ordinary end', 'kill -9'] as const) {
  test(`after ${end} delta lists go on: every list that has not ended is brought up to date, ended holds included`, async (t) => {
    const house = await openHouse(t);
    await house.revoke('0A00', hold);
    await house.revoke('0A01', hold);
    const first = await house.list('all');
    await house.pass(12 * hourMs);
    await house.release('0A01');
    await house.revoke('0B00', compromised);
    await house.revoke('0C00', hold);
    const [second, sharded] = [await house.list('all'), await house.list('4-0')];
    const before = house.publisher;
    // Who is killed does not come to its end; it writes nothing more here, since the clock of this test stands still for it.
    if (end === 'an ordinary end') await before.close();
    else t.after(() => before.close());
    // Meanwhile: a hold ends, and one becomes a revocation; nothing ran that would have told of it.
    house.rows = house.rows.filter(({ serialNumber }) => !['0A00', '0C00'].includes(serialNumber));
    house.number += 2;
    house.rows = [...house.rows, { ...house.rows[0]!, serialNumber: '0C00', number: house.number }];
    Object.assign(house, { clock: manualClock(startMs + 13 * hourMs) });
    house.start();
    await house.publisher.ready;
    const now = await house.list('all');
    assert.deepEqual(serials(now), ['0B00', '0C00']);
    const delta = await house.list('all-delta');
    assert.deepEqual(combined(first, delta), serials(now));
    assert.deepEqual(combined(second, delta), serials(now));
    assert.deepEqual(combined(sharded, await house.list('4-0-delta')), serials(await house.list('4-0')));
    assert.equal(reasonOf(delta, '0A00'), 'removeFromCRL');
    assert.equal(reasonOf(delta, '0A01'), 'removeFromCRL', 'it had ended before, and the first list has it still');
    await house.pass(12 * hourMs);
    assert.equal(combined(first, await house.list('all-delta')), undefined, 'the first has ended');
    assert.deepEqual(combined(second, await house.list('all-delta')), serials(now));
    assert.deepEqual(house.failures, []);
  });
}

test('where nothing of the lists before can be read, delta lists start anew', async (t) => {
  const house = await openHouse(t);
  await house.revoke('0A00', hold);
  const first = await house.list('all');
  const [{ file } = { file: '' }] = house.publisher.shelf.all.filter(({ path }) => path.endsWith('/all.crl'));
  await house.publisher.close();
  await writeFile(file, '');
  house.start();
  await house.publisher.ready;
  assert.equal(combined(first, await house.list('all-delta')), undefined);
  assert.deepEqual(house.failures, []);
});

test('a hold that becomes a revocation keeps one entry', async (t) => {
  const house = await openHouse(t);
  await house.revoke('0A00', hold);
  house.rows = [];
  await house.revoke('0A00', compromised);
  const list = await house.list('all');
  assert.deepEqual(serials(list), ['0A00']);
  assert.equal(reasonOf(list, '0A00'), 'keyCompromise');
  assert.equal(reasonOf(await house.list('all-delta'), '0A00'), 'keyCompromise');
});
