/** curl calls our server; and enrols with nothing but itself and OpenSSL. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test, type TestContext } from 'node:test';
import { anyOf, spiffeId } from '../../packages/countersign/src/identity/authorization/index.ts';
import { missing, run, type Ran } from './peers.ts';
import { dbId, type Files, openScene, ourServer, type Scene, webId } from './scene.ts';

const skip = missing('curl') || missing('openssl');
let scene: Scene;

before(async () => {
  scene = await openScene();
});
after(() => scene.close());

const policy = anyOf(spiffeId(webId));

/** Calls https://NAME:PORT/ on loopback. */
function curl(port: number, name: string, roots: string, own?: Files): Promise<Ran> {
  const identity = own === undefined ? [] : ['--cert', own.cert, '--key', own.key];
  const where = ['--resolve', `${name}:${String(port)}:127.0.0.1`, `https://${name}:${String(port)}/`];
  return run('curl', [
    '-q',
    '-sS',
    '--noproxy',
    '*',
    '--max-time',
    '15',
    '--cacert',
    roots,
    ...identity,
    '-w',
    ' %{http_code}',
    ...where,
  ]);
}

const server = (t: TestContext): ReturnType<typeof ourServer> => ourServer(t, policy, scene.db);

test('curl is let in, and accepts our server by its DNS name', { skip }, async (t) => {
  const { port, refusals } = await server(t);
  const { status, out, err } = await curl(port, 'db.internal', scene.db.roots, scene.web);
  assert.deepEqual({ status, out, err }, { status: 0, out: `we saw ${webId} 200`, err: '' });
  assert.deepEqual(refusals, []);
});

test('our server refuses a curl without a certificate', { skip }, async (t) => {
  const { port, refused } = await server(t);
  const { status, out } = await curl(port, 'db.internal', scene.db.roots);
  assert.notEqual(status, 0);
  assert.doesNotMatch(out, /we saw/);
  assert.equal((await refused()).code, 'CS-PEER-001');
});

test("our server refuses a curl with another authority's certificate", { skip }, async (t) => {
  const { port, refused } = await server(t);
  const { status, out } = await curl(port, 'db.internal', scene.db.roots, scene.stranger);
  assert.notEqual(status, 0);
  assert.doesNotMatch(out, /we saw/);
  assert.equal((await refused()).code, 'CS-PEER-002');
});

test('our server refuses a curl of another name, and says so', { skip }, async (t) => {
  const { port, refused } = await server(t);
  const { status, out } = await curl(port, 'db.internal', scene.db.roots, scene.db);
  assert.equal(status, 0);
  assert.match(out, /CS-PEER-007.* 403$/);
  assert.doesNotMatch(out, /we saw/);
  assert.equal((await refused()).code, 'CS-PEER-007');
});

/** curl's exit status where the server's certificate does not verify. */
const notVerified = 60;

test('curl refuses our server under another name, and under another authority', { skip }, async (t) => {
  const { port } = await server(t);
  const wrongName = await curl(port, 'web.internal', scene.db.roots, scene.web);
  assert.equal(wrongName.status, notVerified, wrongName.err);
  const otherRoots = await curl(port, 'db.internal', scene.stranger.roots, scene.web);
  assert.equal(otherRoots.status, notVerified, otherRoots.err);
});

/** Calls the authority itself, by its address. */
async function ask(
  path: string,
  args: readonly string[],
  body?: unknown,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const sent = body === undefined ? [] : ['-H', 'content-type: application/json', '--data-binary', '@-'];
  const url = `${scene.authority.url}${path}`;
  const all = ['-q', '-sS', '--noproxy', '*', '--max-time', '15', ...args, ...sent, '-w', '\n%{http_code}', url];
  const { status, out, err } = await run('curl', all, body === undefined ? '' : JSON.stringify(body));
  assert.equal(status, 0, err);
  const [text = '', code] = out.split(/\n(?=\d+$)/);
  return { status: Number(code), answer: JSON.parse(text) as Record<string, unknown> };
}

/** A key and a request for it, made by OpenSSL. */
async function request(name: string, algorithm: readonly string[]): Promise<{ key: string; pem: string }> {
  const [key, file] = [scene.folder.in(`${name}.key`), scene.folder.in(`${name}.csr`)];
  const { status, err } = await run('openssl', [
    'req',
    '-new',
    ...algorithm,
    '-nodes',
    '-keyout',
    key,
    '-out',
    file,
    '-subj',
    '/',
  ]);
  assert.equal(status, 0, err);
  return { key, pem: await readFile(file, 'utf8') };
}

const kinds: readonly (readonly [string, readonly string[]])[] = [
  ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
  ['Ed25519', ['-newkey', 'ed25519']],
];

for (const [kind, algorithm] of kinds) {
  test(`curl and OpenSSL enrol, are known, renew, and are refused with another key: ${kind}`, { skip }, async () => {
    const name = `printer-${kind.toLowerCase()}.internal`;
    const roots = scene.folder.in(`${name}.roots`);
    const fetched = await ask('/v1/roots', ['-k']);
    await writeFile(roots, (fetched.answer['roots'] as string[]).join('\n'));
    const { out: fingerprint } = await run('openssl', ['x509', '-in', roots, '-noout', '-fingerprint', '-sha256']);
    assert.equal(fingerprint.replace(/^.*=/, '').replaceAll(':', '').trim().toLowerCase(), scene.authority.root);

    const { key, pem } = await request(name, algorithm);
    const token = await scene.token(name);
    const enrolled = await ask('/v1/enroll', ['--cacert', roots], { token, request: pem });
    assert.equal(enrolled.status, 200, JSON.stringify(enrolled.answer));
    const cert = scene.folder.in(`${name}.pem`);
    await writeFile(cert, String(enrolled.answer['certificates']));
    const own = ['--cacert', roots, '--cert', cert, '--key', key];
    const known = await ask('/v1/whoami', own);
    assert.equal(known.answer['spiffeId'], `spiffe://dev.internal/${name}`);
    const renewed = await ask('/v1/renew', own, { request: pem });
    assert.equal(renewed.status, 200, JSON.stringify(renewed.answer));
    assert.notEqual(renewed.answer['certificates'], enrolled.answer['certificates']);

    const again = await request(`${name}-2`, algorithm);
    const refused = await ask('/v1/enroll', ['--cacert', roots], { token, request: again.pem });
    assert.equal(refused.status, 403, JSON.stringify(refused.answer));
    assert.match(String(refused.answer['code']), /^CS-TOKEN-/);
    const unknown = await ask('/v1/whoami', ['--cacert', roots]);
    assert.equal(unknown.answer['code'], 'CS-ACCESS-001');
  });
}

test('nobody is enrolled with the certificate of another request', { skip }, async () => {
  const { pem } = await request('twisted', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']);
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  // The last octet of the signature.
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  const twisted = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
  const { answer } = await ask('/v1/enroll', ['-k'], {
    token: await scene.token('twisted.internal'),
    request: twisted,
  });
  assert.equal(answer['code'], 'CS-X509-003');
});

test('the other ID is let in where the policy names it', { skip }, async (t) => {
  const { port } = await ourServer(t, anyOf(spiffeId(webId), spiffeId(dbId)), scene.db);
  assert.equal((await curl(port, 'db.internal', scene.db.roots, scene.db)).out, `we saw ${dbId} 200`);
});
