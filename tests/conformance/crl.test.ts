/** Revocation lists against BoringSSL's vectors: all as expected, and each refused one for the reason that its name says. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type CrlFolder, readCrlFolder } from './crl/crl-folder.ts';
import { type CrlResult, runCrl, summarizeCrl } from './crl/score.ts';
import { vectors } from './vectors.ts';

const { path, skip } = vectors('crl', '48');

/** Of those that are right in form. */
const codes: Readonly<Record<string, string>> = {
  'bad_fake_critical_crlentryextension.pem': 'CS-CRL-009',
  'bad_idp_contains_wrong_uri.pem': 'CS-CRL-006',
  'bad_idp_indirectcrl.pem': 'CS-CRL-006',
  'bad_idp_onlycontainscacerts.pem': 'CS-CRL-006',
  'bad_idp_onlycontainscacerts_no_basic_constraints.pem': 'CS-CRL-006',
  'bad_idp_onlycontainsusercerts.pem': 'CS-CRL-006',
  'bad_idp_uri_and_onlycontainscacerts.pem': 'CS-CRL-006',
  'bad_idp_uri_and_onlycontainsusercerts.pem': 'CS-CRL-006',
  'bad_nextupdate_too_old.pem': 'CS-CRL-004',
  'bad_thisupdate_in_future.pem': 'CS-CRL-005',
  'bad_thisupdate_too_old.pem': 'CS-CRL-004',
  'bad_wrong_issuer.pem': 'CS-CRL-003',
  'invalid_issuer_keyusage_no_crlsign.pem': 'CS-CRL-008',
};

describe("BoringSSL's lists", { skip }, () => {
  let folder: CrlFolder;
  let results: readonly CrlResult[];
  before(() => {
    folder = readCrlFolder(path);
    results = runCrl(folder);
  });

  test('all are as expected', () => {
    assert.deepEqual(summarizeCrl(results), { cases: 48, asExpected: 48, differing: [] });
  });

  test('each is refused for its own reason', () => {
    for (const [name, code] of Object.entries(codes)) {
      const { because = '' } = results.find((result) => result.name === name) ?? {};
      assert.equal(because.split(' ')[0], code, `${name}: ${because}`);
    }
  });

  test('the limit of age comes from the caller: an hour is too short for all of them', () => {
    const good = runCrl({ ...folder, mostAgeMs: 3_600_000 }).filter(({ answer }) => answer === 'good');
    assert.deepEqual(good, []);
  });
});
