/** The check of OCSP responses against BoringSSL's cases, and the runner that prints how it went. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { lenient, strict } from './ocsp/decide.ts';
import { readOcspFolder } from './ocsp/ocsp-folder.ts';
import { runOcsp } from './ocsp/score.ts';
import { npmRun, runRunner } from './runner-process.ts';
import { vectors } from './vectors.ts';

const { path, skip } = vectors('ocsp', '27');

/** By the word after "refused: ", the code with which it must be: the right answer for the wrong reason is none. */
const codes: Readonly<Record<string, RegExp>> = {
  'does not parse': /^CS-(DER|OCSP)-001/,
  date: /^CS-OCSP-006/,
  producedAt: /^CS-OCSP-006.*producedAt/s,
  'unhandled critical extension': /^CS-OCSP-007/,
  'error response': /^CS-OCSP-002/,
  'no matching response': /^CS-OCSP-005/,
  unknown: /^CS-OCSP-009/,
  signer: /^CS-OCSP-003/,
};

describe('OCSP', { skip }, () => {
  test('each case is answered as expected, and refused for the reason that its file tells', () => {
    const results = runOcsp(readOcspFolder(path), lenient);
    assert.equal(results.length, 27);
    for (const { name, asExpected, hint, because } of results) {
      assert.ok(asExpected, `${name}: ${because}`);
      if (hint !== '') assert.match(because, codes[hint] ?? /^never$/, name);
    }
  });

  test('without SHA-1 and loose serial numbers nothing is good but what is signed with SHA-256', () => {
    const good = runOcsp(readOcspFolder(path), strict).filter(({ answer }) => answer !== 'refused');
    assert.deepEqual(
      good.map(({ name }) => name),
      ['good_response_sha256.pem'],
    );
  });

  test('the npm script says so in one object', () => {
    const { status, out, err } = npmRun('conformance:ocsp', [path]);
    assert.equal(status, 0, err);
    assert.deepEqual(JSON.parse(out), { cases: 27, asExpected: 27, differing: [] });
    assert.match(err, /27 cases, 27 as expected, 0 differing/);
  });
});

const parent = mkdtempSync(join(tmpdir(), 'ocsp-'));
after(() => rmSync(parent, { recursive: true }));

test('what differs or is missing is told; a folder of another form is refused', () => {
  writeFileSync(
    join(parent, 'expected.json'),
    JSON.stringify({ verifyTime: '2026-01-01T00:00:00Z', maxAgeSeconds: 60, expected: { 'absent.pem': 'good' } }),
  );
  const { status, out, err } = runRunner('ocsp', [parent]);
  assert.equal(status, 0, err);
  assert.deepEqual(JSON.parse(out), { cases: 1, asExpected: 0, differing: ['absent.pem'] });
  assert.match(err.replace(/\s+/g, ' '), /absent\.pem expected good; answered failed: .* is not there/);
  assert.equal(runRunner('ocsp', [parent, '--json']).err, '');
  writeFileSync(join(parent, 'expected.json'), '{}');
  assert.throws(() => readOcspFolder(parent), { name: 'CannotRun', status: 3, message: /is not what is expected/ });
  assert.throws(() => readOcspFolder(join(parent, 'nowhere')), {
    name: 'CannotRun',
    message: /holds no expected\.json/,
  });
  assert.equal(runRunner('ocsp', []).status, 2);
});
