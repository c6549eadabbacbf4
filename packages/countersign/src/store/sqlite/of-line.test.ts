import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { migrate } from './migrate.ts';
import { migrations } from './migrations/migrations.ts';
import { ofLine } from './of-line.ts';

test('the first of a line and those that continue it are found, each by an index', (t) => {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: false });
  t.after(() => database.close());
  migrate(database, migrations, ':memory:', 1);
  const insert = database.prepare(
    `INSERT INTO certificate VALUES (?, ?, 1, ?, '', '', '', '', x'00', 0, 0, 0, 0, x'00')`,
  );
  for (const [sequence, serial, lineage] of [
    [1, 10, 10],
    [2, 11, 10],
    [3, 12, 12],
    [4, 13, 10],
  ] as const)
    insert.run(sequence, Uint8Array.of(serial), Uint8Array.of(lineage));
  const sql = `SELECT sequence FROM certificate c WHERE ${ofLine('c', '?1')} ORDER BY sequence`;
  const found = database.prepare(sql).all(Uint8Array.of(10));
  assert.deepEqual(
    found.map(({ sequence }) => sequence),
    [1, 2, 4],
  );
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
  const steps = plan.map(({ detail }) => String(detail)).join('\n');
  assert.match(steps, /SEARCH c USING INDEX sqlite_autoindex_certificate_1/);
  assert.match(steps, /SEARCH c USING INDEX certificate_lineage/);
  assert.doesNotMatch(steps, /SCAN/);
});
