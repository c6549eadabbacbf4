/** Bad input, each a named refusal with its remedy and exit status, and nothing lost by it. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { makeCertificate, otherDer } from './certificates.ts';
import { ended, start, startAuthority, type Ended, type Event, sharedScene } from './command.ts';
import { countersign } from './here.ts';

const scene = sharedScene();

/** The code on stdout as JSON, its remedy beside it, the same code in the text on stderr, and the exit status. */
function assertRefused({ status, result, err }: Ended, expected: string, exit: number): void {
  assert.deepEqual([result['event'], result['code'], status], ['refused', expected, exit], err);
  assert.ok(String(result['remedy']).length > 10);
  assert.ok(err.includes(expected), err);
  assert.ok(!/\n\s+at /.test(err), 'a stack is for COUNTERSIGN_DEBUG');
}

const token = async (...args: string[]): Promise<string> => {
  const { result } = await countersign(['token', ...args, '--dir', scene.authority.dir, '--json']);
  return String(result['token']);
};
const issueWith = (text: string, out: string): Promise<Ended> =>
  countersign(['issue', '--token-file', '-', '--out', scene.folder.in(out), '--json'], { input: text });
const inside = (text: string): Event => JSON.parse(Buffer.from(text.slice(4), 'base64url').toString()) as Event;
const forged = (fields: Event): string => `cs1_${Buffer.from(JSON.stringify(fields)).toString('base64url')}`;

test('malformed PEM and DER, and what is neither', async () => {
  const { pem, der } = makeCertificate({ commonName: 'x', names: { dns: ['x'] } });
  const cases: [string | Uint8Array, string][] = [
    [pem.slice(0, 150), 'CS-PEM-001'],
    [pem.replace(/\n[A-Za-z]/, '\n!'), 'CS-PEM-001'],
    [pem.replaceAll('CERTIFICATE', 'X509 CRL'), 'CS-PEM-002'],
    [der.slice(0, -5), 'CS-DER-001'],
    [Uint8Array.of(0x30, 0x80, 0, 0), 'CS-DER-001'],
    [Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff), 'CS-DER-001'],
    [otherDer, 'CS-RUN-005'],
    ['', 'CS-RUN-005'],
    ['hello', 'CS-RUN-005'],
  ];
  await Promise.all(
    cases.map(async ([input, code]) => {
      assertRefused(await countersign(['inspect', '-', '--json'], { input }), code, 1);
    }),
  );
});

test('a missing file, and one that cannot be read', async () => {
  assertRefused(await countersign(['inspect', scene.folder.in('nothing'), '--json']), 'CS-FILE-001', 3);
  assertRefused(await countersign(['inspect', scene.folder.path, '--json']), 'CS-FILE-002', 3);
});

test('a private key that others may read is not used, and one that cannot be read is named', async () => {
  const out = scene.folder.in('open');
  await countersign(['issue', 'open.internal', '--out', out, '--dir', scene.authority.dir]);
  const renew = (): Promise<Ended> => countersign(['renew', '--dir-credential', out, '--json']);
  const before = await readFile(`${out}/cert.pem`, 'utf8');
  await chmod(`${out}/key.pem`, 0o644);
  assertRefused(await renew(), 'CS-KEY-001', 1);
  await chmod(`${out}/key.pem`, 0o600);
  const key = await readFile(`${out}/key.pem`);
  await writeFile(`${out}/key.pem`, 'not a key');
  assertRefused(await renew(), 'CS-KEY-002', 1);
  await writeFile(`${out}/key.pem`, makeCertificate({ commonName: 'y' }).key.toPem());
  assertRefused(await renew(), 'CS-KEY-003', 1);
  assert.equal(await readFile(`${out}/cert.pem`, 'utf8'), before, 'nothing was lost');
  await writeFile(`${out}/key.pem`, key);
  assert.equal((await renew()).status, 0);
});

test('a port in use', async () => {
  const holder = createServer().unref();
  await new Promise<void>((done) => holder.listen(0, '127.0.0.1', done));
  const { port } = holder.address() as AddressInfo;
  const args = ['up', '--dir', scene.folder.in('second'), '--listen', `127.0.0.1:${port}`, '--json'];
  assertRefused(await countersign(args), 'CS-AUTHORITY-007', 3);
});

test('two authorities on one state directory: the second is refused, the first goes on', async () => {
  const args = ['up', '--dir', scene.authority.dir, '--listen', '127.0.0.1:0', '--json'];
  assertRefused(await countersign(args), 'CS-STATE-001', 3);
  assert.equal((await issueWith(await token('still.internal'), 'still')).status, 0);
});

test("the authority's own key open to others", async () => {
  const dir = scene.folder.in('exposed');
  await (await startAuthority(dir)).stop();
  const keys = (await readdir(dir, { recursive: true })).filter((name) => /key/.test(name));
  assert.ok(keys.length > 0);
  await chmod(`${dir}/${keys[0] ?? ''}`, 0o644);
  assertRefused(await countersign(['up', '--dir', dir, '--listen', '127.0.0.1:0', '--json']), 'CS-KEY-001', 1);
});

test('a state directory in which others may write', async () => {
  const dir = scene.folder.in('shared');
  await mkdir(dir);
  await writeFile(`${dir}/something`, '');
  await chmod(dir, 0o777);
  assertRefused(await countersign(['up', '--dir', dir, '--listen', '127.0.0.1:0', '--json']), 'CS-FILE-005', 1);
});

test('a token used before, with another key', async () => {
  const text = await token('used.internal');
  assert.equal((await issueWith(text, 'used-1')).status, 0);
  assertRefused(await issueWith(text, 'used-2'), 'CS-TOKEN-003', 1);
});

test('an expired token', async () => {
  const text = await token('late.internal', '--life', '1s');
  await new Promise((done) => setTimeout(done, 2100));
  assertRefused(await issueWith(text, 'late'), 'CS-TOKEN-002', 1);
});

test("another authority's token, in each way that it can be another's", async () => {
  const fields = inside(await token('foreign.internal'));
  const secret = Buffer.alloc(32, 7).toString('base64url');
  // Its address with another root: who answers there is not whom the token means.
  const pinned = await issueWith(forged({ ...fields, root: 'ab'.repeat(32) }), 'foreign-1');
  assertRefused(pinned, 'CS-PIN-001', 1);
  assert.ok(pinned.err.includes(scene.authority.root), 'the root that was found is shown');
  assertRefused(await issueWith(forged({ ...fields, id: 'unknown', secret }), 'foreign-2'), 'CS-TOKEN-005', 1);
  assertRefused(await issueWith(forged({ ...fields, secret }), 'foreign-3'), 'CS-TOKEN-005', 1);
});

test('what is no token is refused without being shown', async () => {
  const text = (await token('cut.internal')).slice(0, -20);
  const refused = await issueWith(text, 'cut');
  assertRefused(refused, 'CS-TOKEN-001', 1);
  assert.ok(!refused.err.includes(text) && !refused.out.includes(text));
});

test('a clock off by an hour, said before anything secret is sent', async () => {
  const root = makeCertificate({ commonName: 'Root', authority: true });
  const asked: (string | undefined)[] = [];
  const server = createHttpsServer({ key: root.key.toPem(), cert: root.pem }, (request, response) => {
    asked.push(request.url);
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ trustDomain: 'dev.internal', roots: [root.pem] }));
  }).unref();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const fields = {
    ...inside(await token('clock.internal')),
    authority: `https://127.0.0.1:${port}`,
    root: sha256Hex(root.der),
  };
  const refused = await issueWith(forged(fields), 'clock');
  assertRefused(refused, 'CS-CLOCK-001', 3);
  assert.match(refused.err, /1 h/);
  assert.deepEqual(asked, ['/v1/roots']);
});

test('an unreachable authority: status 3 within 10 s', async () => {
  const out = scene.folder.in('gone');
  const other = await startAuthority(scene.folder.in('other'));
  const text = await countersign(['token', 'gone.internal', '--dir', other.dir, '--json']);
  await countersign(['issue', 'gone.internal', '--out', out, '--dir', other.dir]);
  await other.stop();
  assertRefused(await countersign(['renew', '--dir-credential', out, '--json']), 'CS-NET-001', 3);
  assertRefused(await issueWith(String(text.result['token']), 'gone-2'), 'CS-NET-001', 3);
  assertRefused(await countersign(['list', '--dir', other.dir, '--json']), 'CS-NET-004', 3);
});

test('an authority that never answers: status 3 within 10 s', async () => {
  const mute = createServer((socket) => socket.unref()).unref();
  await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
  const { port } = mute.address() as AddressInfo;
  const fields = { ...inside(await token('mute.internal')), authority: `https://127.0.0.1:${port}` };
  const begin = performance.now();
  const refused = await issueWith(forged(fields), 'mute');
  const seconds = (performance.now() - begin) / 1000;
  // Which of the two limits it ran into first does not matter.
  assertRefused(refused, refused.result['code'] === 'CS-NET-001' ? 'CS-NET-001' : 'CS-NET-002', 3);
  assert.ok(seconds < 10, `${seconds} s`);
});

test('an interrupt while it waits: 130 at once, the key kept for the next attempt', async () => {
  const connected = Promise.withResolvers<undefined>();
  const mute = createServer((socket) => {
    socket.unref();
    connected.resolve(undefined);
  }).unref();
  await new Promise<void>((done) => mute.listen(0, '127.0.0.1', done));
  const { port } = mute.address() as AddressInfo;
  const text = forged({ ...inside(await token('patient.internal')), authority: `https://127.0.0.1:${port}` });
  const out = scene.folder.in('patient');
  const child = start(['issue', '--token-file', '-', '--out', out, '--json'], { input: text });
  const end = ended(child);
  await connected.promise;
  child.kill('SIGINT');
  const { status, signal } = await end;
  assert.deepEqual([status, signal], [130, null]);
  assert.match(await readFile(`${out}/key.pem`, 'utf8'), /PRIVATE KEY/);
});

test('a name that the profile does not allow', async () => {
  const { status, result } = await countersign(['token', '10.0.0.1', '--dir', scene.authority.dir, '--json']);
  assert.deepEqual([status, result['code']], [2, 'CS-AUTHORITY-003']);
  const life = await countersign(['token', 'a', '--certificate-life', '400d', '--dir', scene.authority.dir, '--json']);
  assert.deepEqual([life.status, life.result['code']], [2, 'CS-AUTHORITY-004']);
});

test('a hostile environment: each command that holds keys refuses to start', async () => {
  const env = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
  const commands = [
    ['up', '--dir', scene.folder.in('hostile'), '--listen', '127.0.0.1:0'],
    ['issue', 'a', '--out', scene.folder.in('hostile-out'), '--dir', scene.authority.dir],
    ['renew', '--dir-credential', scene.folder.in('open')],
    ['run', '--as', 'a', '--dir', scene.authority.dir, '--json', '--', 'true'],
    ['demo'],
  ];
  await Promise.all(
    commands.map(async (args) => {
      const withJson = args.includes('--json') ? args : [...args, '--json'];
      const refused = await countersign(withJson, { env });
      assert.match(String(refused.result['code']), /^CS-ENV-/, args.join(' '));
      assert.notEqual(refused.status, 0);
    }),
  );
});
