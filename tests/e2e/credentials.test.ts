/** token, issue, renew, list and revoke against one authority: the shapes that programs rely on, and the files. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type Event, sharedScene } from './command.ts';
import { countersign } from './here.ts';

const scene = sharedScene();

const dir = (): string[] => ['--dir', scene.authority.dir, '--json'];
const certificate = async (name: string): Promise<X509Certificate> =>
  new X509Certificate(await readFile(scene.folder.in(name, 'cert.pem')));

test('token: the text of one that carries address, root and names', async () => {
  const { status, result } = await countersign(['token', 'web.internal', '--life', '10m', ...dir()]);
  assert.equal(status, 0);
  assert.equal(result['event'], 'result');
  const token = String(result['token']);
  const inside = JSON.parse(Buffer.from(token.replace(/^cs1_/, ''), 'base64url').toString()) as Event;
  assert.equal(inside['authority'], scene.authority.url);
  assert.equal(inside['root'], scene.authority.root);
  assert.deepEqual(inside['names'], ['web.internal']);
});

test('token without --json: the token alone on stdout, for scripts', async () => {
  const { out, err } = await countersign(['token', 'web.internal', '--dir', scene.authority.dir]);
  assert.match(out, /^cs1_[A-Za-z0-9_-]+\n$/);
  assert.match(err, /good once/);
});

test('token --out: a file of mode 0600 that was not there before', async () => {
  const args = ['token', 'web.internal', '--out', scene.folder.in('web.token'), ...dir()];
  assert.equal((await countersign(args)).status, 0);
  assert.equal((await stat(scene.folder.in('web.token'))).mode & 0o777, 0o600);
  const again = await countersign(args);
  assert.deepEqual([again.status, again.result['code']], [3, 'CS-FILE-004']);
});

test('issue with a token: three files, the key 0600; again the same; renew in place', async () => {
  const { result } = await countersign(['token', 'orders.internal', ...dir()]);
  await writeFile(scene.folder.in('orders.token'), `${String(result['token'])}\n`, { mode: 0o600 });
  const issue = [
    'issue',
    '--token-file',
    scene.folder.in('orders.token'),
    '--out',
    scene.folder.in('orders'),
    '--json',
  ];

  const issued = await countersign(issue);
  assert.equal(issued.status, 0, issued.err);
  assert.deepEqual(issued.result['names'], ['orders.internal', 'spiffe://dev.internal/orders.internal']);
  assert.equal((await stat(scene.folder.in('orders', 'key.pem'))).mode & 0o777, 0o600);
  const first = await certificate('orders');
  assert.equal(issued.result['serial'], first.serialNumber);
  assert.match(first.subjectAltName ?? '', /DNS:orders\.internal/);
  const roots = new X509Certificate(await readFile(scene.folder.in('orders', 'roots.pem')));
  assert.equal(roots.fingerprint256.replaceAll(':', '').toLowerCase(), scene.authority.root);
  const chain = await readFile(scene.folder.in('orders', 'cert.pem'), 'utf8');
  assert.equal(chain.match(/BEGIN CERTIFICATE/g)?.length, 2, 'the chain without the root');

  const again = await countersign(issue);
  assert.equal(
    again.result['serial'],
    first.serialNumber,
    'the same token with the same key gets the same certificate',
  );

  const renewed = await countersign(['renew', '--dir-credential', scene.folder.in('orders'), '--json']);
  assert.equal(renewed.status, 0, renewed.err);
  const second = await certificate('orders');
  assert.equal(renewed.result['serial'], second.serialNumber);
  assert.notEqual(second.serialNumber, first.serialNumber);
  assert.equal(renewed.result['wasExpired'], false);
  const verified = await countersign([
    ...['verify', scene.folder.in('orders', 'cert.pem'), '--roots', scene.folder.in('orders', 'roots.pem')],
    ...['--purpose', 'server', '--name', 'orders.internal', '--json'],
  ]);
  assert.equal(verified.result['valid'], true, verified.err);
});

test('issue takes its token from stdin and from the environment too', async () => {
  const tokens = await Promise.all(
    ['a.internal', 'b.internal'].map(async (name) => countersign(['token', name, ...dir()])),
  );
  const [first, second] = tokens.map(({ result }) => String(result['token']));
  const [stdin, environment] = await Promise.all([
    countersign(['issue', '--token-file', '-', '--out', scene.folder.in('a'), '--json'], { input: `${first ?? ''}\n` }),
    countersign(['issue', '--out', scene.folder.in('b'), '--json'], { env: { COUNTERSIGN_TOKEN: second } }),
  ]);
  assert.deepEqual([stdin.status, environment.status], [0, 0], stdin.err + environment.err);
});

test('issue with a key of another kind; a key that is there is not replaced', async () => {
  for (const [type, algorithm] of [
    ['P-384', /ASN1 OID: secp384r1/],
    ['Ed25519', /ED25519/],
  ] as const) {
    const out = scene.folder.in(type);
    const args = ['issue', `${type.toLowerCase()}.internal`, '--key-type', type, '--out', out, ...dir()];
    const issued = await countersign(args);
    assert.equal(issued.status, 0, issued.err);
    const { stdout } = await promisify(execFile)('openssl', ['x509', '-noout', '-text', '-in', `${out}/cert.pem`]);
    assert.match(stdout, algorithm);
  }
  const [name, out] = ['p-384.internal', scene.folder.in('P-384')];
  const other = await countersign(['issue', name, '--key-type', 'Ed25519', '--out', out, ...dir()]);
  assert.deepEqual([other.status, other.result['code']], [2, 'CS-USAGE-006'], other.err);
  const unknown = await countersign(['issue', name, '--key-type', 'RSA', '--out', scene.folder.in('rsa'), ...dir()]);
  assert.deepEqual([unknown.status, unknown.result['code']], [2, 'CS-USAGE-003'], unknown.err);
});

test('issue by name, on the machine of the authority; renewed after it expired', async () => {
  const args = ['issue', 'brief.internal', '--certificate-life', '5s', '--out', scene.folder.in('brief'), ...dir()];
  const issued = await countersign(args);
  assert.equal(issued.status, 0, issued.err);
  const { serialNumber, validTo } = await certificate('brief');
  const left = Date.parse(validTo) + 1000 - Date.now();
  assert.ok(left > 0 && left <= 6000, `${left} ms left`);
  await new Promise((done) => setTimeout(done, left + 50));
  const renewed = await countersign(['renew', '--dir-credential', scene.folder.in('brief'), '--json']);
  assert.equal(renewed.status, 0, renewed.err);
  assert.equal(renewed.result['wasExpired'], true);
  assert.notEqual(renewed.result['serial'], serialNumber);
});

test('list: each certificate once, the serial as OpenSSL prints it', async () => {
  await countersign(['issue', 'listed.internal', '--out', scene.folder.in('listed'), ...dir()]);
  const { status, events } = await countersign(['list', ...dir()]);
  assert.equal(status, 0);
  const certificates = events.filter((line) => line['event'] === 'certificate');
  assert.deepEqual(events.at(-1), { event: 'result', count: certificates.length });
  const serials = certificates.map((line) => line['serial']);
  assert.equal(new Set(serials).size, serials.length);
  const listed = certificates.find((line) => (line['names'] as string[]).includes('listed.internal'));
  assert.equal(listed?.['status'], 'valid');
  assert.match(String(listed['notAfter']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const { stdout } = await promisify(execFile)('openssl', [
    'x509',
    '-noout',
    '-serial',
    '-in',
    scene.folder.in('listed', 'cert.pem'),
  ]);
  assert.equal(stdout.trim(), `serial=${String(listed['serial'])}`);
});

test('list for people fits 80 columns', async () => {
  const { out } = await countersign(['list', '--dir', scene.authority.dir]);
  assert.match(out, /STATUS +EXPIRES +SERIAL/);
  assert.ok(!out.includes('/countersign/'), "the authority's own are left out");
  for (const line of out.split('\n')) assert.ok(line.length <= 80, line);
});

test('revoke by serial and by name; what is revoked is not renewed', async () => {
  const issue = (name: string): Promise<unknown> =>
    countersign(['issue', name, '--out', scene.folder.in(name), ...dir()]);
  await Promise.all([issue('gone.internal'), issue('lost.internal')]);
  const { serialNumber } = await certificate('gone.internal');
  for (const which of [serialNumber, 'lost.internal']) {
    const { status, result, err } = await countersign(['revoke', which, ...dir()]);
    assert.equal(status, 0, err);
    assert.equal(typeof result['enforced'], 'number');
    assert.equal(typeof result['of'], 'number');
    assert.equal(typeof result['ms'], 'number');
    assert.deepEqual(result['unreachable'], []);
  }
  const { events } = await countersign(['list', ...dir()]);
  const statuses = events.filter((line) => /gone|lost/.test(String(line['names']))).map((line) => line['status']);
  assert.deepEqual(statuses, ['revoked', 'revoked']);
  const renewed = await countersign(['renew', '--dir-credential', scene.folder.in('gone.internal'), '--json']);
  assert.equal(renewed.status, 1);
  assert.match(String(renewed.result['code']), /^CS-(RENEW-002|PEER-008)$/);
});

test('revoke of what was never issued is refused', async () => {
  const { status, result } = await countersign(['revoke', 'nobody.internal', ...dir()]);
  assert.deepEqual([status, result['code']], [1, 'CS-REVOKE-001']);
});

test('token --out: no token is made that has no place, and no file is left that has no token', async () => {
  const taken = scene.folder.in('taken.token');
  await writeFile(taken, 'what it held\n');
  const refused = await countersign(['token', 'placed.internal', '--out', taken, ...dir()]);
  assert.deepEqual([refused.status, refused.result['code']], [3, 'CS-FILE-004'], refused.err);
  assert.equal(await readFile(taken, 'utf8'), 'what it held\n');

  const empty = scene.folder.in('empty.token');
  const unnamed = await countersign(['token', 'not*allowed', '--out', empty, ...dir()]);
  assert.equal(unnamed.result['code'], 'CS-AUTHORITY-003', unnamed.err);
  await assert.rejects(stat(empty), { code: 'ENOENT' });
});
