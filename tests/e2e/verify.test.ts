/** `verify` answers as a peer would: valid or not, by which path, and with which code. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { makeCertificate } from './certificates.ts';
import { temporaryFolder, type Ended, type Folder } from './command.ts';
import { countersign } from './here.ts';

let folder: Folder;
const root = makeCertificate({ commonName: 'Root', authority: true });
const issuer = makeCertificate({ commonName: 'Issuer', authority: true, issuer: root });
const names = { dns: ['web.internal'], uri: ['spiffe://dev.internal/web'], ip: ['127.0.0.1'] };
const leaf = makeCertificate({ commonName: 'web', issuer, names, purposes: ['clientAuth'] });
const other = makeCertificate({ commonName: 'Other', authority: true });

before(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('chain.pem'), leaf.pem + issuer.pem);
  await writeFile(folder.in('leaf.pem'), leaf.pem);
  await writeFile(folder.in('issuer.pem'), issuer.pem);
  await writeFile(folder.in('root.pem'), root.pem);
  await writeFile(folder.in('other.pem'), other.pem);
});

after(() => folder.remove());

function verify(file: string, ...more: string[]): Promise<Ended> {
  const roots = more.includes('--roots') ? [] : ['--roots', folder.in('root.pem')];
  const purpose = more.includes('--purpose') ? [] : ['--purpose', 'client'];
  return countersign(['verify', folder.in(file), ...roots, ...purpose, ...more, '--json']);
}

test('valid: status 0, the path from the certificate to the anchor', async () => {
  const { status, result } = await verify('chain.pem');
  assert.equal(status, 0);
  assert.equal(result['event'], 'result');
  assert.equal(result['valid'], true);
  assert.equal(result['code'], null);
  const path = result['path'] as { role: string; subject: string }[];
  assert.deepEqual(
    path.map(({ role, subject }) => [role, subject]),
    [
      ['end-entity', 'CN=web'],
      ['intermediate', 'CN=Issuer'],
      ['trust anchor', 'CN=Root'],
    ],
  );
});

test('intermediates may come in a file of their own', async () => {
  assert.equal((await verify('leaf.pem', '--intermediates', folder.in('issuer.pem'))).status, 0);
  const { status, result } = await verify('leaf.pem');
  assert.deepEqual([status, result['valid'], result['code']], [1, false, 'CS-PATH-001']);
});

test('each reason has its code and status 1', async () => {
  const future = '2100-01-01T00:00:00Z';
  const cases: [string, string[]][] = [
    ['CS-PATH-001', ['--roots', folder.in('other.pem')]],
    ['CS-PATH-002', ['--at', future]],
    ['CS-PATH-003', ['--at', '2000-01-01T00:00:00Z']],
    ['CS-PATH-008', ['--purpose', 'server']],
    ['CS-PATH-010', ['--name', 'orders.internal']],
    ['CS-PATH-010', ['--name', 'spiffe://dev.internal/orders']],
    ['CS-PATH-010', ['--name', '10.0.0.1']],
  ];
  await Promise.all(
    cases.map(async ([code, args]) => {
      const { status, result } = await verify('chain.pem', ...args);
      assert.deepEqual([status, result['valid'], result['code']], [1, false, code], args.join(' '));
    }),
  );
});

test('names: DNS, IP and SPIFFE ID', async () => {
  const given = ['web.internal', 'WEB.internal', '127.0.0.1', 'spiffe://dev.internal/web'];
  const statuses = await Promise.all(given.map(async (name) => (await verify('chain.pem', '--name', name)).status));
  assert.deepEqual(statuses, [0, 0, 0, 0]);
});

test('what cannot be read as a certificate is not valid either', async () => {
  await writeFile(folder.in('cut.pem'), leaf.pem.slice(0, 200));
  const { status, result } = await verify('cut.pem');
  assert.deepEqual([status, result['valid'], result['code']], [1, false, 'CS-PEM-001']);
});

test('the text of an answer no names the code and what to do', async () => {
  const args = ['verify', folder.in('chain.pem'), '--roots', folder.in('root.pem'), '--purpose', 'server'];
  const { status, out } = await countersign(args);
  assert.equal(status, 1);
  assert.match(out, /not valid/);
  assert.match(out, /CS-PATH-008/);
  assert.match(out, /try: /);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
});

test('every check with its clause, the paths tried, profile, policies and work are in the result', async () => {
  const { result } = await verify('chain.pem', '--name', 'web.internal', '--name', '127.0.0.1', '--profile', 'rfc5280');
  const checks = result['checks'] as { certificate: number; rule: string; clause: string; passed: boolean }[];
  assert.ok(checks.length > 10 && checks.every(({ passed, clause }) => passed && clause.length > 0));
  assert.equal((result['paths'] as unknown[]).length, 1);
  assert.deepEqual([result['profile'], result['names']], ['rfc5280', ['web.internal', '127.0.0.1']]);
  assert.ok((result['work'] as { signatures: number }).signatures >= 2);
  const refused = await verify('chain.pem', '--policy', '1.2.3', '--require-policy');
  assert.deepEqual([refused.status, refused.result['code']], [1, 'CS-PATH-012']);
  assert.equal((refused.result['checks'] as { passed: boolean }[]).at(-1)?.passed, false);
});

test('several roots, and what is dangerous is printed', async () => {
  const roots = ['--roots', folder.in('other.pem'), '--roots', folder.in('root.pem')];
  const { status, result, err } = await verify('chain.pem', ...roots, '--allow-sha1');
  assert.deepEqual([status, result['dangerouslyAllowed']], [0, ['sha1']]);
  assert.match(err, /DANGEROUS +allowed by --allow-sha1/);
});

async function told(...args: string[]): Promise<string> {
  const { status, out } = await countersign(['verify', ...args]);
  assert.equal(status, 1, out);
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
  return out.replaceAll(/\s+/g, ' ');
}

test('the last words of a no name the option that helps', async () => {
  const [roots, chain, purpose] = [['--roots', folder.in('root.pem')], folder.in('chain.pem'), ['--purpose', 'client']];
  const cases: readonly (readonly [RegExp, readonly string[]])[] = [
    [
      /the certificate of CN=Issuer is not at hand: .*--intermediates FILE/,
      [folder.in('leaf.pem'), ...roots, ...purpose],
    ],
    [
      /the certificate of CN=Root is not at hand: .*--roots FILE/,
      [chain, '--roots', folder.in('other.pem'), ...purpose],
    ],
    [/--roots FILE with CN=Other.*issued by itself/, [folder.in('other.pem'), ...roots, ...purpose]],
    [/--at RFC3339/, [chain, ...roots, ...purpose, '--at', '2100-01-01T00:00:00Z']],
    [/--purpose client, or any/, [chain, ...roots, '--purpose', 'server']],
    [/--name NAME with one of the names found/, [chain, ...roots, ...purpose, '--name', 'orders.internal']],
    [/--policy OID/, [chain, ...roots, ...purpose, '--policy', '1.2.3', '--require-policy']],
  ];
  const texts = await Promise.all(cases.map(([, args]) => told(...args)));
  for (const [index, [words]] of cases.entries()) {
    assert.match(texts[index] ?? '', new RegExp(` try: .* or: .*${words.source}`));
  }
});

test('every other path that was tried is told with its reason', async () => {
  const [one, two] = ['One', 'Two'].map((commonName) => makeCertificate({ commonName, authority: true }));
  assert.ok(one !== undefined && two !== undefined);
  const past = { notBefore: Date.now() - 7_200_000, notAfter: Date.now() - 3_600_000 };
  const crossed = [one, two].map((by) =>
    makeCertificate({ commonName: 'Crossed', authority: true, issuer: by, ...past, key: one.key }),
  );
  const [first] = crossed;
  assert.ok(first !== undefined);
  const holder = makeCertificate({ commonName: 'web', issuer: first, names, purposes: ['clientAuth'] });
  await writeFile(folder.in('crossed.pem'), [holder, ...crossed].map(({ pem }) => pem).join(''));
  await writeFile(folder.in('both.pem'), one.pem + two.pem);
  const out = await told(folder.in('crossed.pem'), '--roots', folder.in('both.pem'), '--purpose', 'client');
  assert.match(out, /another path that was tried: - CN=web -> CN=Crossed -> CN=(One|Two): CS-PATH-002 expired \(/);
  assert.match(out, /2 paths looked at/);
});

test('a file of roots that cannot be read is no answer about the certificate', async () => {
  await writeFile(folder.in('key.pem'), leaf.key.toPem(), { mode: 0o600 });
  for (const [file, code] of [
    ['key.pem', 'CS-PEM-002'],
    ['absent.pem', 'CS-FILE-001'],
  ] as const) {
    const { status, result, err } = await verify('chain.pem', '--roots', folder.in(file));
    assert.deepEqual([status, result['event'], result['code'], result['option']], [3, 'refused', code, '--roots']);
    assert.equal(result['valid'], undefined);
    assert.match(err, /nothing was judged; in the file of --roots/);
  }
});

test('a certificate that is its own anchor is still the one in question', async () => {
  const { result } = await verify('other.pem', '--roots', folder.in('other.pem'));
  assert.equal((result['path'] as { role: string }[])[0]?.role, 'end-entity');
});
