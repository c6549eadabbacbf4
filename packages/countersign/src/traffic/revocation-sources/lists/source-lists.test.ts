import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuer } from '../../../../../../tests/fixtures/asked-lists.ts';
import { generatePrivateKey, testMoment, verifySignature } from '../../../../../../tests/fixtures/certificates.ts';
import { makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import { sha256 } from '../../../runtime/cryptography/index.ts';
import { ListSigners } from './list-signers.ts';
import { SourceLists } from './source-lists.ts';

test('a right list that comes while the one before turns out to be forged stays', async () => {
  const forged = makeList(issuer, { number: 1, key: generatePrivateKey('P-256'), identified: issuer.key });
  const right = makeList(issuer, { number: 2, thisUpdate: testMoment });
  const asked = Promise.withResolvers<undefined>();
  const answer = Promise.withResolvers<undefined>();
  const signers = new ListSigners(
    [],
    verifySignature,
    async (key, algorithm, signed, signature) => {
      if (signed === forged.tbs) {
        asked.resolve(undefined);
        await answer.promise;
      }
      return verifySignature(key, algorithm, signed, signature);
    },
    sha256,
  );
  const lists = new SourceLists();
  const limits = { now: testMoment, clockDifferenceMs: 0, source: 'http://a/', single: true };
  // From a cache, when no key was known.
  await lists.restore([forged], signers);
  assert.deepEqual(lists.good, [forged]);
  signers.learn({ certificates: [], anchor: issuer.certificate });
  const judging = lists.judgeAgain(signers, limits);
  await asked.promise;
  await lists.admit([right], signers, limits);
  answer.resolve(undefined);
  assert.equal(await judging, undefined);
  assert.deepEqual(lists.good, [right]);
});

test('a kept list that turns out to be forged goes', async () => {
  const forged = makeList(issuer, { key: generatePrivateKey('P-256'), identified: issuer.key });
  const aside = (...of: Parameters<typeof verifySignature>) => Promise.resolve(verifySignature(...of));
  const signers = new ListSigners([], verifySignature, aside, sha256);
  const lists = new SourceLists();
  const limits = { now: testMoment, clockDifferenceMs: 0, source: 'http://a/', single: true };
  await lists.restore([forged], signers);
  signers.learn({ certificates: [], anchor: issuer.certificate });
  assert.equal((await lists.judgeAgain(signers, limits))?.code, 'CS-CRL-007');
  assert.deepEqual(lists.all, []);
});
