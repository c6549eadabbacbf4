import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { manualClock } from '../../../ground/clock/index.ts';
import { createOwnHierarchy, KeyCertificate, keySigner } from '../../authority/index.ts';
import { fixedSource } from '../../../runtime/tls/index.ts';
import type { RevokedRowsPage } from '../../crl/index.ts';
import { keepRevocationLists } from './revocation-lists.ts';

test('while no list can be made, all who ask wait together and leave nothing behind', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-waiting-'));
  const clock = manualClock(Date.UTC(2026, 5, 1));
  const { root, issuer } = createOwnHierarchy({ trustDomain: 'dev.internal', clock });
  const own = new KeyCertificate(issuer.certificate, keySigner(issuer.privateKey), [root.certificate]);
  // A database that does not answer.
  const never = Promise.withResolvers<RevokedRowsPage>();
  never.promise.catch(() => undefined);
  const lists = keepRevocationLists({
    settings: fixedSource({ crl: {} }),
    issuers: [own],
    rows: { all: () => never.promise, since: () => never.promise, released: () => Promise.resolve([]) },
    feed: { number: 0, revocations: { current: () => undefined, watch: () => () => undefined } } as never,
    ...{ dir, clock, log: () => undefined },
  });
  t.after(async () => {
    never.reject(new Error('the test is over'));
    await lists.close();
    await rm(dir, { recursive: true });
  });
  const path = `${lists.all()[0]?.name ?? ''}/all.crl`;
  const ask = () =>
    Promise.resolve(lists.route.answer({ method: 'GET', path, body: new Uint8Array(), type: undefined }));
  const before = clock.pending;
  const answers = Array.from({ length: 100 }, ask);
  assert.equal(clock.pending, before + 1);
  clock.advance(5_000);
  for (const { status, headers } of await Promise.all(answers)) {
    assert.deepEqual([status, headers['retry-after']], [503, '5']);
  }
  // The next wait anew.
  const next = ask();
  assert.equal(clock.pending, before + 1);
  clock.advance(5_000);
  assert.equal((await next).status, 503);
});
