import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuer } from '../../../../../../tests/fixtures/asked-lists.ts';
import { testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import { encodePem } from '../../../ground/encoding/index.ts';
import { readLists } from './read-lists.ts';

const count = 30_000;

test('a large list is read in many turns of the event loop, and is the same in the end', async () => {
  const revoked = Array.from({ length: count }, (_, index) => ({
    serialNumber: Uint8Array.of(0x40, index >> 16, index >> 8, index),
    revocationDate: testMoment,
  }));
  const { raw } = makeList(issuer, { revoked });
  let turns = 0;
  let done = false;
  const turn = (): void => {
    turns++;
    if (!done) setImmediate(turn);
  };
  setImmediate(turn);
  const [list] = await readLists(raw, 1_000_000);
  done = true;
  assert.ok(turns > 10, String(turns));
  assert.equal(list?.revoked.size, count);
  assert.equal(list.revoked.find('40001234').length, 1);
  assert.equal(list.revoked.find('40FFFFFF').length, 0);
  await assert.rejects(readLists(raw, 1000), { code: 'CS-DER-002' });
});

test('what is no list, and too many lists, are refused', async () => {
  const pem = encodePem('X509 CRL', makeList(issuer).raw);
  assert.equal((await readLists(Buffer.from(`explained\n${pem}${pem}`), 10_000)).length, 2);
  await assert.rejects(readLists(Buffer.from(pem.repeat(257)), 10_000), { code: 'CS-CRL-001' });
  await assert.rejects(readLists(Buffer.from(pem.replaceAll('X509 CRL', 'CERTIFICATE')), 10_000), {
    code: 'CS-CRL-001',
  });
  await assert.rejects(readLists(Buffer.from('<html>'), 10_000), { code: 'CS-PEM-001' });
});
