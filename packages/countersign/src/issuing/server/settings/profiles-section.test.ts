import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import { readSettingsFile } from '../../../runtime/config/index.ts';
import { type ProfileSet, serviceProfile } from '../../authority/index.ts';
import { authoritySettings } from './authority-settings.ts';
import { toProfileSet } from './profiles-section.ts';

async function read(t: TestContext, text: string): Promise<ProfileSet> {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, 'authority.yaml');
  await writeFile(path, text);
  return toProfileSet((await readSettingsFile(path, authoritySettings)).profiles);
}

async function refused(t: TestContext, text: string): Promise<Refusal> {
  try {
    await read(t, text);
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error;
  }
  return assert.fail(`not refused: ${text}`);
}

test('a profile says what it says, and is the built-in one in the rest', async (t) => {
  const set = await read(
    t,
    `profiles:
  db:
    names: { dns: ["*.db.internal"], ip: [10.0.0.0/8], email: ["*@example.test"] }
    life: { most: 1h }
    renewAfterExpiry: 0s
    keys: [RSA, P-384]
    keyUsage: [digitalSignature, keyEncipherment]
    usages: [serverAuth, 1.3.6.1.4.1.99999.1]
    subject: { commonName: false, organization: Example }
    crl: ["http://crl.internal/a.crl"]
    policies: [1.3.6.1.4.1.99999.2]
`,
  );
  const db = set.require('db');
  assert.deepEqual(
    db.names.dns.map(({ text }) => text),
    ['*.db.internal'],
  );
  assert.deepEqual([db.names.spiffe, db.names.ip.length, db.names.source], [[], 1, 'token']);
  assert.deepEqual(
    db.names.email.map(({ text }) => text),
    ['*@example.test'],
  );
  // The usual life is no longer than the most.
  assert.deepEqual(db.life, { shortestMs: 5000, defaultMs: 3_600_000, longestMs: 3_600_000 });
  assert.deepEqual([db.renewAfterExpiryMs, db.keyTypes], [0, ['RSA', 'P-384']]);
  assert.deepEqual(db.extendedKeyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.4.1.99999.1']);
  assert.deepEqual(db.revocation, { crl: ['http://crl.internal/a.crl'], ocsp: [], noRevAvail: false });
  assert.deepEqual(set.require('service'), serviceProfile);
  assert.throws(() => set.require('bd'), { code: 'CS-PROFILE-001' });
});

test('a file may change the default profile, and an empty one changes nothing', async (t) => {
  const set = await read(t, 'profiles:\n  service:\n    life: { default: 1h }\n');
  assert.equal(set.require('service').life.defaultMs, 3_600_000);
  assert.deepEqual((await read(t, 'profiles: {}\n')).profiles, [serviceProfile]);
  assert.deepEqual((await read(t, 'profiles:\n  service: {}\n')).require('service').names, serviceProfile.names);
});

test('a setting that nothing reads, or of a wrong form, is refused with the line', async (t) => {
  const wrong: readonly [string, number, RegExp][] = [
    ['clr: ["http://crl.internal/a.crl"]', 4, /^crl$/],
    ['names: { dsn: [web] }', 4, /^dns$/],
    ['names: { dns: ["w*b.internal"] }', 4, /star/],
    ['names: { spiffe: ["spiffe://dev.internal/a"] }', 4, /trust domain/],
    ['names: { spiffe: [/countersign/**] }', 4, /own/],
    ['names: { ip: [10.0.0.1/8] }', 4, /beyond its prefix/],
    ['names: { email: ["adm*@example.test"] }', 4, /whole local part/],
    ['names: { email: [example.test] }', 4, /"@"/],
    ['names: { from: profile, fixed: [a, ops@Example.test] }', 4, /written ops@example\.test/],
    ['names: { from: profile, fixed: [a, "*@example.test"] }', 4, /local part/],
    ['names: { dns: [a, a] }', 4, /once/],
    ['life: { most: 24 }', 4, /unit/],
    ['life: { most: 1w }', 4, /unit/],
    ['keys: [DSA]', 4, /./],
    ['usages: [anyExtendedKeyUsage]', 4, /one of/],
    ['usages: [2.5.29.37.0]', 4, /speak for the authority/],
    ['usages: [1.3.6.1.5.5.7.3.9]', 4, /speak for the authority/],
    ['usages: [2.25.224693371871938520317386442915203843617]', 4, /speak for the authority/],
    ['crl: [crl.internal/a.crl]', 4, /absolute/],
    ['policies: ["1"]', 4, /object identifier/],
  ];
  for (const [setting, line, problem] of wrong) {
    const { evidence } = await refused(t, `# first\nprofiles:\n  db:\n    ${setting}\n`);
    assert.equal(evidence['line'], line, setting);
    assert.match(String(evidence['nearest'] ?? evidence['problem']), problem, setting);
  }
});

test('a profile that could never issue, or contradicts itself, is refused at load', async (t) => {
  const wrong: readonly [string, RegExp][] = [
    ['life: { least: 2h, most: 1h }', /no life/],
    ['life: { default: 8d }', /between/],
    ['life: { least: 1s }', /at least 5s/],
    ['life: { most: 366d }', /outlives/],
    ['renewAfterExpiry: 91d', /90d/],
    ['names: {}', /could be issued/],
    ['names: { ip: [10.0.0.0/8] }', /could be issued/],
    ['names: { from: profile }', /could be issued/],
    ['names: { from: profile, fixed: [10.0.0.1] }', /could be issued/],
    ['names: { email: ["*@example.test"] }', /could be issued/],
    ['names: { from: profile, fixed: [ops@example.test] }', /could be issued/],
    ['names: { from: profile, fixed: [a], email: ["*@a.test"] }', /no patterns/],
    ['names: { from: profile, fixed: [a], dns: [b] }', /no patterns/],
    ['names: { from: profile, fixed: [/a, /b] }', /more than one/],
    ['names: { dns: [a], fixed: [a] }', /from: profile/],
    ['keys: []', /could be issued/],
    ['usages: []', /good for all/],
    ['keyUsage: [keyAgreement]', /digitalSignature/],
    ['keyUsage: [digitalSignature, keyEncipherment]', /no key of the profile/],
    ['noRevAvail: true\n    ocsp: ["http://ocsp.internal"]', /RFC 9608/],
  ];
  for (const [setting, problem] of wrong) {
    const { code, evidence } = await refused(t, `profiles:\n  db:\n    ${setting}\n`);
    assert.equal(code, 'CS-SETTINGS-003', setting);
    assert.equal(evidence['line'], 3, setting);
    assert.match(String(evidence['problem']), problem, setting);
  }
});

test("names of profiles are plain, and the authority's own are taken", async (t) => {
  for (const name of ['authority-server', 'feed-signing', 'Web', 'a b', '1a', 'a-']) {
    const { code, evidence } = await refused(t, `profiles:\n  "${name}": {}\n`);
    assert.equal(code, 'CS-SETTINGS-003', name);
    assert.match(String(evidence['problem']), /a profile/, name);
  }
});
