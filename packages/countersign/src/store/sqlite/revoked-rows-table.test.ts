import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { migrate } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { revokedRowsTable } from './revoked-rows-table.ts';

const issuerKey = 'ab'.repeat(32);
const reasons = ['unspecified', 'keyCompromise', 'cACompromise', 'affiliationChanged', 'superseded'];

/** Octets that text would lose or change: zeros, those beyond ASCII, those that are no UTF-8. */
const serials = ['00', '0000', '2C', '7F', '80', 'C328', 'FF', 'FF00FF', `00${'9F'.repeat(19)}`, '22'.repeat(20)];

function filled(more: readonly string[] = []): DatabaseSync {
  const database = new DatabaseSync(':memory:');
  migrate(database, migrations, ':memory:', 0);
  database.prepare('INSERT INTO issuer (id, key) VALUES (1, ?)').run(Buffer.from(issuerKey, 'hex'));
  const insert = database.prepare('INSERT INTO revocation VALUES (1, ?1, ?1, ?, ?, ?, ?)');
  for (const [at, serial] of [...serials, ...more].entries())
    insert.run(Buffer.from(serial, 'hex'), 2 ** 42 + at, at === 0 ? -1 : at, reasons[at % 5] ?? '', at);
  return database;
}

test('a page has each octet of its serial numbers, and each number, as the table has them', () => {
  const database = filled();
  const page = revokedRowsTable(database).revokedRows(issuerKey, 0, undefined, 100);
  database.close();
  const order = serials.toSorted();
  const places = order.map((serial) => serials.indexOf(serial));
  assert.deepEqual(
    Buffer.from(page.serials).toString('hex').toUpperCase(),
    order.map((serial) => `${(serial.length / 2).toString(16).padStart(2, '0')}${serial}`.toUpperCase()).join(''),
  );
  assert.deepEqual(
    [...page.notAfter],
    places.map((at) => 2 ** 42 + at),
  );
  assert.deepEqual(
    [...page.revokedAt],
    places.map((at) => (at === 0 ? -1 : at)),
  );
  assert.deepEqual(
    [...page.reasons],
    places.map((at) => at % 5),
  );
  assert.deepEqual([page.last, page.more], [{ serialNumber: 'FF00FF', number: 7 }, false]);
});

test('pages follow each other without a gap, and the last says so', () => {
  const database = filled();
  const table = revokedRowsTable(database);
  const whole = table.revokedRows(issuerKey, 0, undefined, 100);
  const pages = [table.revokedRows(issuerKey, 0, undefined, 5)];
  pages.push(table.revokedRows(issuerKey, 0, pages[0]?.last, 5), table.revokedRows(issuerKey, 0, whole.last, 5));
  database.close();
  assert.deepEqual(
    pages.flatMap((page) => [...page.serials]),
    [...whole.serials],
  );
  assert.deepEqual(
    pages.map(({ more, reasons: own }) => [more, own.length]),
    [
      [true, 5],
      [true, 5],
      [false, 0],
    ],
  );
});

test('a serial number that is too long for its place is refused', () => {
  const database = filled(['01'.repeat(22)]);
  assert.throws(() => revokedRowsTable(database).revokedRows(issuerKey, 0, undefined, 100), TypeError);
  database.close();
});
