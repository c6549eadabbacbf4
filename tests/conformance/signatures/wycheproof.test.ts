/** Signatures of all algorithms that the library verifies, against Wycheproof: every valid one is taken, every other refused. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { vectors } from '../vectors.ts';
import { acceptsSignature, readWycheproof, wycheproofFiles } from './wycheproof.ts';

/** The module's folder, where it is known; else they lie with the vectors of others. */
const given = process.env['COUNTERSIGN_WYCHEPROOF'] ?? '';
const { path, skip } = given === '' ? vectors('wycheproof', '8,145') : { path: given, skip: false };
const inside = join(path, 'testvectors_v1');
const folder = existsSync(inside) ? inside : path;

/** What a signature is called that some verifiers take and none must: PKCS#1 without the NULL of its hash (RFC 8017, A.2.4). */
const acceptableOnes = 12;

describe('Wycheproof', { skip }, () => {
  let cases = 0;
  let acceptable = 0;
  for (const [name, algorithm] of wycheproofFiles) {
    test(name, () => {
      const found = readWycheproof(folder, name, algorithm);
      assert.ok(found.some(({ result }) => result === 'valid') && found.some(({ result }) => result === 'invalid'));
      const wrong = found.filter((item) => acceptsSignature(item) !== (item.result === 'valid'));
      cases += found.length;
      acceptable += found.filter(({ result }) => result === 'acceptable').length;
      assert.deepEqual(
        wrong.map(({ id, result, comment }) => `${id} is ${result}: ${comment}`),
        [],
      );
    });
  }

  test('all of them were there', () => {
    assert.ok(cases >= 8145, String(cases));
    assert.equal(acceptable, acceptableOnes);
  });
});
