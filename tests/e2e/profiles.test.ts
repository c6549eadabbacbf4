/** Profiles from the file to the certificate: tested without an authority, in force after SIGHUP, held at each renewal. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { parseCertificate, readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { makeRequest } from '../fixtures/certificates.ts';
import { event, type Folder, startAuthority, temporaryFolder } from './command.ts';
import { countersign } from './here.ts';

const file = `profiles:
  db:
    names: { dns: ["*.db.internal"], email: ["*@example.test"] }
    life: { default: 1h, most: 12h }
    usages: [serverAuth]
    crl: ["http://crl.internal/db.crl"]
    subject: { organization: Example }
  fixed:
    names: { from: profile, fixed: [cache.internal] }
  csr:
    names: { from: request, dns: ["**.internal"] }
`;

async function scene(): Promise<Folder> {
  const folder = await temporaryFolder();
  await writeFile(folder.in('next.yaml'), file);
  return folder;
}

async function requestFile(folder: Folder, dns: readonly string[], type: 'P-256' | 'P-521' = 'P-256'): Promise<string> {
  const path = folder.in(`${dns.join('-')}.csr`);
  await writeFile(path, encodePem('CERTIFICATE REQUEST', makeRequest(generatePrivateKey(type), { dns: [...dns] })));
  return path;
}

test('a file is tried on a request, without an authority: each decision with its rule', async (t) => {
  const folder = await scene();
  t.after(folder.remove);
  const config = ['--config', folder.in('next.yaml'), '--dir', folder.in('none')];
  const good = await countersign([
    ...['profile', 'test', 'db', '--csr', await requestFile(folder, ['a.db.internal']), ...config, '--json'],
  ]);
  assert.equal(good.status, 0, good.err);
  const { wouldIssue, certificate } = good.result as { wouldIssue: boolean; certificate: Record<string, unknown> };
  assert.deepEqual([wouldIssue, certificate['subject']], [true, 'CN=a.db.internal,O=Example']);
  assert.deepEqual(certificate['names'], ['a.db.internal', 'spiffe://dev.internal/a.db.internal']);
  const rules = good.events.filter((one) => one['event'] === 'decision').map((one) => [one['check'], one['rule']]);
  assert.ok(rules.some(([check, rule]) => check === 'name' && rule === 'dns *.db.internal'));

  const csr = await requestFile(folder, ['web.internal'], 'P-521');
  const bad = await countersign(['profile', 'test', 'db', '--csr', csr, ...config]);
  assert.equal(bad.status, 1);
  assert.match(bad.out, /NO name +web\.internal/);
  assert.match(bad.out, /NO key +P-521\s+a key is one of P-256, P-384, Ed25519/);
  assert.match(bad.out, /would be refused: CS-/);
  const own = bad.out.split('\n').filter((line) => !line.includes(folder.path));
  assert.deepEqual(
    own.filter((line) => line.length > 80),
    [],
  );

  const gone = await countersign(['profile', 'test', 'bd', '--csr', csr, ...config, '--json']);
  assert.deepEqual([gone.status, gone.result['code']], [2, 'CS-PROFILE-001']);
  const broken = await countersign(['profile', 'list', '--config', folder.in('next.yaml'), '--json']);
  assert.deepEqual(
    broken.events.slice(0, -1).map((one) => one['name']),
    ['csr', 'db', 'fixed', 'service'],
  );
});

test('a changed file holds from SIGHUP on, and who would lose access is known before', async (t) => {
  const folder = await scene();
  t.after(folder.remove);
  const dir = folder.in('state');
  const authority = await startAuthority(dir);
  t.after(() => authority.stop());
  const at = ['--dir', dir];
  const settings = folder.in('state', 'authority.yaml');

  const nobody = await countersign(['token', ...at, '--json']);
  assert.deepEqual([nobody.status, nobody.result['code']], [2, 'CS-USAGE-004']);
  const early = await countersign(['token', 'a.db.internal', '--profile', 'db', ...at, '--json']);
  assert.deepEqual([early.status, early.result['code']], [2, 'CS-PROFILE-001']);
  await writeFile(settings, file);
  const swapped = event(authority.child, 'profiles');
  authority.child.kill('SIGHUP');
  const widened = (await swapped)['widens'] as string[];
  assert.ok(widened.length > 0 && widened.every((line) => /^(db|csr|fixed): /.test(line)), widened.join());

  // By each way to a name: the token, the profile, the request.
  const ways: readonly [string, readonly string[], readonly string[]][] = [
    ['db', ['a.db.internal', 'Ops@EXAMPLE.test'], []],
    ['fixed', [], []],
    ['csr', [], ['web.internal']],
  ];
  for (const [profile, said, asked] of ways) {
    const token = folder.in(`${profile}.token`);
    const made = await countersign(['token', ...said, '--profile', profile, '--out', token, ...at]);
    assert.equal(made.status, 0, made.err);
    const issued = await countersign(['issue', ...asked, '--token-file', token, '--out', folder.in(profile)]);
    assert.equal(issued.status, 0, issued.err);
  }
  const [leaf] = readCertificatesPem(await readFile(folder.in('db', 'cert.pem'), 'utf8'));
  assert.deepEqual(leaf?.extendedKeyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert.equal(leaf.notAfter - leaf.notBefore, 3_660_000);
  assert.deepEqual(parseCertificate(leaf.raw).subject.text, 'CN=a.db.internal,O=Example');

  assert.deepEqual(leaf.subjectAltName.email, ['Ops@example.test']);
  const listed = await countersign(['list', '--name', 'Ops@Example.TEST', ...at, '--json']);
  assert.deepEqual(
    listed.events.filter((one) => one['event'] === 'certificate').map((one) => one['serial']),
    [leaf.serialNumber],
  );

  const outside = await countersign(['token', 'web.internal', '--profile', 'db', ...at, '--json']);
  const { code, evidence } = outside.result as { code: string; evidence: Record<string, unknown> };
  assert.deepEqual([code, evidence['name'], evidence['profile']], ['CS-AUTHORITY-003', 'web.internal', 'db']);
  assert.match(String(evidence['rule']), /\*\.db\.internal/);

  const same = await countersign(['profile', 'renewals', ...at, '--json']);
  assert.deepEqual([same.status, same.result['checked'], same.result['refused']], [0, 3, 0]);
  await writeFile(folder.in('next.yaml'), file.replace('*.db.internal', 'b.db.internal').replace('  csr:', '  crs:'));
  const lost = await countersign(['profile', 'renewals', '--config', folder.in('next.yaml'), ...at, '--json']);
  assert.deepEqual([lost.status, lost.result['refused']], [1, 2]);
  const codes = lost.events.filter((one) => one['event'] === 'lost').map((one) => [one['profile'], one['code']]);
  assert.deepEqual(codes, [
    ['db', 'CS-RENEW-009'],
    ['csr', 'CS-RENEW-008'],
  ]);
  const shown = await countersign(['profile', 'renewals', '--config', folder.in('next.yaml'), ...at]);
  assert.match(shown.out, /CS-RENEW-009[^]*a\.db\.internal/);

  // What was said comes true.
  await writeFile(settings, await readFile(folder.in('next.yaml')));
  const again = event(authority.child, 'profiles');
  authority.child.kill('SIGHUP');
  await again;
  for (const [profile, expected] of [
    ['db', 'CS-RENEW-009'],
    ['csr', 'CS-RENEW-008'],
  ] as const) {
    const renewed = await countersign(['renew', '--dir-credential', folder.in(profile), '--json']);
    assert.equal(renewed.result['code'], expected, renewed.out);
  }
  assert.equal((await countersign(['renew', '--dir-credential', folder.in('fixed')])).status, 0);
});

test('what a rich profile issues, OpenSSL reads as it was meant', async (t) => {
  if (spawnSync('openssl', ['version']).status !== 0) {
    if (process.env['CI'] !== undefined) assert.fail('openssl is needed');
    t.skip('no openssl');
    return;
  }
  const folder = await scene();
  t.after(folder.remove);
  const dir = folder.in('state');
  const config = folder.in('rich.yaml');
  await writeFile(
    config,
    'profiles:\n  rich:\n    names: { dns: ["**"] }\n    policies: [1.3.6.1.4.1.99999.1]\n    crl: ["http://crl.internal/a.crl"]\n    ocsp: ["http://ocsp.internal"]\n  none:\n    noRevAvail: true\n',
  );
  const authority = await startAuthority(dir, { config });
  t.after(() => authority.stop());
  const text = async (profile: string): Promise<string> => {
    const out = folder.in(profile);
    const issued = await countersign(['issue', 'web.internal', '--profile', profile, '--out', out, '--dir', dir]);
    assert.equal(issued.status, 0, issued.err);
    const shown = spawnSync('openssl', ['x509', '-in', folder.in(profile, 'cert.pem'), '-noout', '-text'], {
      encoding: 'utf8',
    });
    return shown.stdout;
  };
  const rich = await text('rich');
  for (const part of [
    'URI:http://crl.internal/a.crl',
    'OCSP - URI:http://ocsp.internal',
    'Policy: 1.3.6.1.4.1.99999.1',
  ])
    assert.ok(rich.includes(part), `${part} in ${rich}`);
  assert.match(await text('none'), /2\.5\.29\.56|No Revocation|noRevAvail/i);
});
