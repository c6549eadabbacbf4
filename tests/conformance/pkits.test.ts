/** Path validation against PKITS (NIST, 1.0.1), and the inputs that we give its rows against OpenSSL. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test, type TestContext } from 'node:test';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { missing, run } from '../interop/peers.ts';
import { knownDifferences } from './pkits/known-differences.ts';
import { type PkitsCase, type PkitsFolder, readPkitsFolder } from './pkits/pkits-folder.ts';
import { policyInputsOf, rowKey, rowsWithInputs } from './pkits/policy-inputs.ts';
import { type PkitsRun, runPkits } from './pkits/score.ts';
import { vectors } from './vectors.ts';

const { path, skip } = vectors('pkits', '247');

describe('PKITS', { skip }, () => {
  let folder: PkitsFolder;
  let done: PkitsRun;
  before(() => {
    folder = readPkitsFolder(path);
    done = runPkits(folder, ['dsa', 'sha1']);
  });

  test('what differs is listed with its reason, and what is listed differs', () => {
    const differing = done.results.filter(({ asExpected }) => !asExpected);
    assert.deepEqual(
      differing.map(({ name, valid }) => `${valid ? 'reject' : 'accept'}: ${name}`).sort(),
      knownDifferences.map(({ name, direction }) => `${direction}: ${name}`).sort(),
    );
  });

  test('all run, those on revocation lists too', () => {
    assert.equal(done.results.length, 247);
    const sections = done.results.map(({ num }) => num.split('.').slice(0, 2).join('.'));
    const counted = (section: string): number => sections.filter((one) => one === section).length;
    assert.deepEqual(['4.4', '4.14', '4.15'].map(counted), [21, 35, 10]);
  });

  test('without their lists the rows on revocation differ', () => {
    const bare = { ...folder, cases: folder.cases.map((item) => ({ ...item, crls: [] })) };
    const differing = runPkits(bare, ['dsa', 'sha1']).results.filter(({ asExpected }) => !asExpected);
    for (const section of ['4.4.', '4.14.', '4.15.']) {
      assert.ok(differing.filter(({ num }) => num.startsWith(section)).length > 4, section);
    }
  });

  test('without the dangerous option only the rows with DSA differ further', () => {
    const names = (run: PkitsRun): string[] =>
      run.results.filter(({ asExpected }) => !asExpected).map(({ num }) => num);
    const further = names(runPkits(folder, [])).filter((num) => !names(done).includes(num));
    assert.ok(further.length > 0);
    assert.deepEqual(
      further.filter((num) => num !== '4.1.4' && num !== '4.1.5'),
      [],
    );
  });

  test('each row with inputs is one that exists', () => {
    const keys = folder.cases.map(({ name }) => rowKey(name));
    assert.deepEqual(
      rowsWithInputs.filter((key) => !keys.includes(key)),
      [],
    );
    assert.equal(new Set(keys).size, keys.length);
  });

  test(
    'OpenSSL answers all 88 rows of the policy sections as the document does, given our inputs',
    {
      skip: missing('openssl'),
    },
    async (t) => {
      const rows = folder.cases.filter(({ num }) => /^4\.(8|9|10|11|12)\./.test(num));
      const differing: string[] = [];
      const files = pemFiles(t, folder);
      for (const row of rows) {
        if ((await validForOpenssl(row, files)) !== row.ok) differing.push(row.name);
      }
      assert.equal(rows.length, 88);
      assert.deepEqual(differing, []);
    },
  );
});

/** From a certificate's name to the path of a PEM file. */
function pemFiles(t: TestContext, folder: PkitsFolder): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'pkits-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return (name) => {
    const path = join(directory, `${name}.pem`);
    writeFileSync(path, encodePem('CERTIFICATE', folder.certificate(name)));
    return path;
  };
}

/** 2020, as the runner's. */
const momentSeconds = '1577836800';

async function validForOpenssl({ name, certs }: PkitsCase, file: (name: string) => string): Promise<boolean> {
  const { accepted = ['2.5.29.32.0'], requireExplicit, inhibitMapping, inhibitAnyPolicy } = policyInputsOf(name);
  const [anchor = '', ...below] = certs.map(file);
  const { status } = await run('openssl', [
    ...['verify', '-attime', momentSeconds, '-x509_strict', '-policy_check', '-no-CApath', '-no-CAstore'],
    ...['-CAfile', anchor, ...below.slice(0, -1).flatMap((issuer) => ['-untrusted', issuer])],
    ...accepted.flatMap((oid) => ['-policy', oid]),
    ...(requireExplicit === true ? ['-explicit_policy'] : []),
    ...(inhibitMapping === true ? ['-inhibit_map'] : []),
    ...(inhibitAnyPolicy === true ? ['-inhibit_any'] : []),
    below.at(-1) ?? '',
  ]);
  return status === 0;
}
