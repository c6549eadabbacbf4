import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { migrate } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';

const one = { version: 1, name: 'one', sql: 'CREATE TABLE a (x INTEGER) STRICT' };
const two = { version: 2, name: 'two', sql: 'ALTER TABLE a ADD COLUMN y INTEGER' };

function versions(database: DatabaseSync): unknown[] {
  return database
    .prepare('SELECT version FROM migration ORDER BY version')
    .all()
    .map((row) => row['version']);
}

test('an older database is carried on, with what is in it', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, [one], 'f', 1);
  database.exec('INSERT INTO a VALUES (7)');
  migrate(database, [one, two], 'f', 2);
  migrate(database, [one, two], 'f', 3);
  assert.deepEqual(versions(database), [1, 2]);
  assert.deepEqual({ ...database.prepare('SELECT * FROM a').get() }, { x: 7, y: null });
});

test('a step that fails leaves the version before', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, [one], 'f', 1);
  const broken = { version: 2, name: 'broken', sql: 'ALTER TABLE a ADD COLUMN y INTEGER; CREATE TABLE a (x INTEGER)' };
  assert.throws(() => migrate(database, [one, broken], 'f', 2));
  assert.deepEqual(versions(database), [1]);
  migrate(database, [one, two], 'f', 3);
  assert.deepEqual(versions(database), [1, 2]);
});

test('a newer database is refused', () => {
  const database = new DatabaseSync(':memory:');
  migrate(database, [one, two], 'f', 1);
  assert.throws(() => migrate(database, [one], 'f', 2), { code: 'CS-STORE-001' });
});

test('versions begin with one and rise', () => {
  const numbers = migrations.map(({ version }) => version);
  assert.equal(numbers[0], 1);
  assert.ok(numbers.every((version, index) => index === 0 || version > (numbers[index - 1] ?? Infinity)));
});

test('a token of before there were profiles is for a service', () => {
  const database = new DatabaseSync(':memory:');
  migrate(
    database,
    migrations.filter(({ version }) => version < 3),
    'f',
    1,
  );
  database.exec("INSERT INTO token (id, secret_sha256, names, created_at, expires_at) VALUES ('t', x'00', '[]', 1, 2)");
  migrate(database, migrations, 'f', 2);
  assert.equal(database.prepare('SELECT profile FROM token').get()?.['profile'], 'service');
});
