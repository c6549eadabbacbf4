/** `verify --socket` hears an authority's feed at its socket: what it says of each certificate of the path, and how old that is. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeRoot } from '../fixtures/certificates.ts';
import { makeList } from '../fixtures/revocation-lists.ts';
import { makeCertificate } from './certificates.ts';
import { type Ended, sharedScene } from './command.ts';
import { countersign } from './here.ts';

const scene = sharedScene();
const socket = (): string => join(scene.authority.dir, 'authority.sock');

async function administer(...args: readonly string[]): Promise<Ended> {
  const ended = await countersign([...args, '--dir', scene.authority.dir, '--json']);
  assert.equal(ended.status, 0, ended.err);
  return ended;
}

function verify(name: string, ...more: readonly string[]): Promise<Ended> {
  const files = [scene.folder.in(name, 'cert.pem'), '--roots', scene.folder.in(name, 'roots.pem')];
  return countersign(['verify', ...files, '--purpose', 'client', ...more]);
}

const verdictsOf = ({ result }: Ended): Record<string, unknown>[] => result['revocation'] as Record<string, unknown>[];

test('good by the feed, its number and its age said; then held, released and revoked', async () => {
  await Promise.all(['web', 'db'].map((name) => administer('issue', name, '--out', scene.folder.in(name))));
  const good = await verify('web', '--socket', socket(), '--json');
  assert.deepEqual([good.status, good.result['code'], good.result['unheardFeed']], [0, null, null], good.err);
  assert.deepEqual(
    verdictsOf(good).map(({ status, means, feed }) => [status, means, feed]),
    [
      ['good', 'feed', { socket: socket(), number: 0 }],
      ['good', 'feed', { socket: socket(), number: 0 }],
    ],
  );
  const [{ thisUpdate, ageSeconds, freshUntil } = {}] = verdictsOf(good);
  const at = Date.parse(String(good.result['at']));
  assert.ok(Date.parse(String(thisUpdate)) <= at + 1_000 && Date.parse(String(freshUntil)) > at, String(freshUntil));
  assert.ok(Number(ageSeconds) <= (at - Date.parse(String(thisUpdate))) / 1000 + 1, String(ageSeconds));
  await administer('hold', 'web');
  const held = await verify('web', '--socket', socket(), '--json');
  assert.deepEqual([held.status, held.result['code']], [1, 'CS-PEER-020']);
  await administer('release', String(verdictsOf(held)[0]?.['serialNumber']));
  assert.equal((await verify('web', '--socket', socket(), '--json')).status, 0);
  await administer('revoke', 'web', '--reason', 'keyCompromise');
  const revoked = await verify('web', '--socket', socket(), '--json');
  assert.deepEqual([revoked.status, revoked.result['code']], [1, 'CS-PEER-008']);
  const [{ means, reason, feed } = {}, issuer] = verdictsOf(revoked);
  assert.deepEqual([means, reason, feed], ['feed', 'keyCompromise', { socket: socket(), number: 3 }]);
  assert.equal(issuer?.['status'], 'good');
  const { out } = await verify('web', '--socket', socket());
  assert.match(
    out.replaceAll(/\s+/g, ' '),
    /revoked \(keyCompromise\), by the feed at \S+, number 3, .* old, good for/,
  );
});

test('of an identity that is revoked, what was issued until then', async () => {
  await administer('issue', 'cron', '--out', scene.folder.in('cron'));
  await administer('revoke', '--by-identity', 'cron', '--yes');
  const { status, result } = await verify('cron', '--socket', socket(), '--json');
  assert.deepEqual([status, result['code']], [1, 'CS-PEER-008']);
});

test('who insists on an answer gets that of the state directory, where there is one; without that nobody asks', async () => {
  const insists = await verify('db', '--revocation', '--dir', scene.authority.dir, '--json');
  assert.deepEqual([insists.status, verdictsOf(insists)[0]?.['means']], [0, 'feed'], insists.err);
  assert.equal((await verify('db', '--dir', scene.authority.dir, '--json')).result['revocation'], null);
  const none = await verify('db', '--revocation', '--dir', scene.folder.in('nowhere'), '--json');
  assert.deepEqual([none.status, none.result['code']], [2, 'CS-USAGE-004']);
});

test('a certificate of another authority is not judged by what this one tells, though its root were given, too', async () => {
  const root = makeCertificate({ commonName: 'Root', authority: true });
  const other = makeCertificate({ commonName: 'other', issuer: root, purposes: ['clientAuth'] });
  const roots = scene.folder.in('both.pem');
  writeFileSync(scene.folder.in('other.pem'), other.pem);
  writeFileSync(scene.folder.in('root.pem'), root.pem);
  writeFileSync(roots, root.pem + readFileSync(scene.folder.in('db', 'roots.pem'), 'utf8'));
  const ask = (...more: readonly string[]): Promise<Ended> =>
    countersign(['verify', scene.folder.in('other.pem'), '--purpose', 'client', ...more, '--json']);
  const unknown = await ask('--roots', roots, '--socket', socket());
  assert.deepEqual([unknown.status, unknown.result['code']], [1, 'CS-PEER-021']);
  // Whoever could put a socket there could call good what he likes: one whose root was not given is not heard.
  const foreign = await ask('--roots', scene.folder.in('root.pem'), '--socket', socket());
  assert.deepEqual([foreign.status, foreign.result['code']], [3, 'CS-FEED-004']);
});

test('a socket where nobody tells a feed: no answer where it was named or is the only one; beside a list it is said', async (t) => {
  const named = await verify('db', '--socket', scene.folder.in('none.sock'), '--json');
  assert.equal(named.status, 3, named.err);
  writeFileSync(scene.folder.in('another.crl'), makeList(makeRoot()).raw);
  const another = ['--crl', scene.folder.in('another.crl')];
  assert.equal((await verify('db', '--socket', scene.folder.in('none.sock'), ...another, '--json')).status, 3);
  const dir = scene.folder.in('left');
  mkdirSync(dir);
  const server = createServer((_, response) => response.writeHead(500).end());
  await once(server.listen(join(dir, 'authority.sock')), 'listening');
  t.after(() => server.close());
  const only = await verify('db', '--revocation', '--dir', dir, '--json');
  assert.match(only.err, /nothing was judged; in the file of --socket/);
  assert.equal(only.status, 3);
  const beside = await verify('db', '--revocation', ...another, '--dir', dir);
  assert.equal(beside.status, 1);
  assert.match(beside.out.replaceAll(/\s+/g, ' '), /CS-CRL-00\d/);
  assert.match(beside.out, /not asked\s+the feed at/);
  const { status, result } = await verify('db', '--revocation', ...another, '--dir', dir, '--json');
  const { socket: passedOver, ...why } = result['unheardFeed'] as Record<string, unknown>;
  assert.deepEqual([status, passedOver, why['code']], [1, join(dir, 'authority.sock'), 'CS-NET-003'], beside.out);
  assert.deepEqual(Object.keys(why), ['code', 'title', 'evidence']);
});
