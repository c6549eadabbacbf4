/** Who reports takes so much memory and no more. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { StatusReport } from '../../runtime/api/index.ts';
import { ReportedMeans } from './reported-means.ts';

const report: StatusReport = { undetermined: 'refuse', sources: [{ means: 'crl', source: '/etc/corp.crl' }] };

test('of one identity so many reports are kept, of others as many; one that ends makes room', () => {
  const means = new ReportedMeans();
  const name = (spiffeId: string, mark: number) => ({ spiffeId, endpoint: String(mark) });
  for (let mark = 0; mark <= 1_000; mark++) means.take(name('web', mark), report);
  means.take(name('db', 0), report);
  assert.deepEqual(
    [name('web', 999), name('web', 1_000), name('db', 0)].map((one) => means.of(one)),
    [report, undefined, report],
  );
  means.take(name('web', 5), undefined);
  assert.equal(means.of(name('web', 5)), report);
  means.take(name('web', 5), { ...report, sources: [] });
  means.take(name('web', 1_000), report);
  assert.deepEqual([means.of(name('web', 5)), means.of(name('web', 1_000))], [undefined, report]);
});
