/**
 * Crowds that connect and never speak, bad tokens by the thousand, readers who do not read: the authority stays within its memory, and others are
 * served meanwhile. `COUNTERSIGN_CROWD=1000` for the full number of each (npm run floods).
 */
import assert from 'node:assert/strict';
import { Agent, request as httpsRequest } from 'node:https';
import { after, before, test } from 'node:test';
import { encodePem } from '../../../packages/countersign/src/ground/encoding/index.ts';
import {
  decodeToken,
  encodeToken,
  feedEndpointHeader,
  feedPath,
  type AdministeredAuthority,
  openLocalAuthority,
} from '../../../packages/countersign/src/runtime/api/index.ts';
import { generatePrivateKey } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { enroll, type HeldCredential } from '../../../packages/countersign/src/traffic/enrollment/index.ts';
import { makeRequest } from '../certificates.ts';
import {
  ended,
  event,
  type Folder,
  launcher,
  type RunningAuthority,
  spawnClean,
  startAuthority,
  temporaryFolder,
} from '../command.ts';
import { Crowd, footprint } from './crowd.ts';

const crowd = Number(process.env['COUNTERSIGN_CROWD'] ?? 200);

/** What a served client waits at most while the crowd is there. On an idle machine it is some 50 ms; tests share theirs. */
const servedWithinMs = 5_000;

/** What V8 keeps before it collects. Doubt: seen up to 30. */
const mostGrowthMb = 80;

/** A connection after its handshake costs about 60 KB here, one in it 30; both are cut off after some seconds of silence. */
const mostOfOneMb = 0.1;

const linux = process.platform === 'linux' ? false : 'what a process takes is read from /proc';

let folder: Folder;
let authority: RunningAuthority;
let local: AdministeredAuthority;

before(async () => {
  folder = await temporaryFolder();
  authority = await startAuthority(folder.in('state'));
  authority.child.stdout?.resume();
  local = openLocalAuthority(authority.dir);
});

after(async () => {
  await local.close();
  await authority.stop();
  await folder.remove();
});

let served = 0;

/** Somebody with a good token, and the owner at the local socket. */
async function requireServed(from: AdministeredAuthority = local): Promise<HeldCredential> {
  const began = performance.now();
  const { token } = await from.createToken({ names: [`served-${String(served++)}`], lifeSeconds: 600 });
  const held = await enroll({ token, privateKey: generatePrivateKey('P-256') });
  const ms = performance.now() - began;
  assert.ok(ms < servedWithinMs, `served after ${ms.toFixed(0)} ms`);
  return held;
}

test(`${String(3 * crowd)} who connect and never speak`, { skip: linux }, async (t) => {
  await requireServed();
  const before = footprint(authority.pid);
  const silent = new Crowd(authority.url);
  t.after(() => silent.disperse());
  for (const manner of ['silent', 'silent-after-handshake', 'half-a-request'] as const) {
    await silent.gather(crowd, manner);
    await requireServed();
    const now = footprint(authority.pid);
    t.diagnostic(
      `${manner}: ${String(silent.present)} there, ${now.residentMb.toFixed(0)} MB, ${String(now.descriptors)} descriptors`,
    );
    assert.ok(now.residentMb - before.residentMb < mostGrowthMb + silent.present * mostOfOneMb, 'memory');
    assert.ok(now.descriptors <= before.descriptors + 3 * crowd + 10, 'descriptors');
  }
  silent.disperse();
  await requireServed();
});

test(`${String(5 * crowd)} bad tokens`, { skip: linux }, async (t) => {
  const good = decodeToken((await local.createToken({ names: ['wanted'], lifeSeconds: 600 })).token);
  const before = footprint(authority.pid);
  const agent = new Agent({ keepAlive: true, maxSockets: 20, rejectUnauthorized: false });
  t.after(() => agent.destroy());
  const request = makeRequest({ dns: ['wanted'] }).pem;
  const attempt = (index: number): Promise<string> => {
    const secret = Buffer.alloc(32, index).toString('base64url');
    return posted(
      agent,
      JSON.stringify({ token: encodeToken({ ...good, secret, id: `made-up-${String(index)}` }), request }),
    );
  };
  const attempts = Promise.all(Array.from({ length: 5 * crowd }, (_, index) => attempt(index)));
  await requireServed();
  const answers = await attempts;
  // Refused as unknown, or turned away for coming too often; never let in, and never an error inside.
  const codes = [...new Set(answers)];
  t.diagnostic(codes.join(' '));
  for (const code of codes) assert.match(code, /^(?:CS-TOKEN-005|CS-ACCESS-0\d\d|connection closed)$/);
  assert.ok(!codes.includes('CS-ACCESS-009'), 'an error inside');
  const now = footprint(authority.pid);
  assert.ok(now.residentMb - before.residentMb < mostGrowthMb, 'memory');
});

function posted(agent: Agent, body: string): Promise<string> {
  return new Promise((resolve) => {
    const asked = httpsRequest(new URL('/v1/enroll', authority.url), {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.once('end', () => resolve((JSON.parse(text) as { code?: string }).code ?? 'let in'));
    });
    asked.on('error', () => resolve('connection closed'));
    asked.end(body);
  });
}

test('followers of the feed who never read', { skip: linux }, async (t) => {
  const held = await requireServed();
  const before = footprint(authority.pid);
  const readers = await Promise.all(Array.from({ length: 20 }, (_, index) => follow(held, index)));
  t.after(() => {
    for (const stop of readers) stop();
  });
  const names = Array.from({ length: 8 }, (_, index) => `gone-${String(index)}`);
  for (const name of names) {
    const { token } = await local.createToken({ names: [name], lifeSeconds: 600 });
    await enroll({ token, privateKey: generatePrivateKey('P-256') });
  }
  // Each waits for those who do not answer, and a client has few connections: others ask by their own.
  const other = openLocalAuthority(authority.dir);
  t.after(() => other.close());
  const revoked = Promise.all(names.map((name) => other.revoke({ name })));
  await requireServed();
  const answers = await revoked;
  // They acknowledge nothing, and are named as those where it may not be in force.
  for (const { of, enforced, unreachable } of answers)
    assert.deepEqual([of - enforced, unreachable.length > 0], [20, true]);
  assert.ok(footprint(authority.pid).residentMb - before.residentMb < mostGrowthMb, 'memory');
});

/** A subscription whose answer is never read. */
function follow({ leaf, intermediates, roots, privateKey }: HeldCredential, index: number): Promise<() => void> {
  const pem = (certificates: readonly { raw: Uint8Array }[]): string =>
    certificates.map(({ raw }) => encodePem('CERTIFICATE', raw)).join('');
  return new Promise((resolve, reject) => {
    const asked = httpsRequest(new URL(feedPath, authority.url), {
      ca: pem(roots),
      cert: pem([leaf, ...intermediates]),
      key: privateKey.toPem(),
      agent: false,
      headers: { [feedEndpointHeader]: `never-reads-${String(index).padStart(8, '0')}` },
    });
    asked.once('error', reject);
    asked.once('response', (response) => {
      response.on('error', () => undefined);
      response.pause();
      resolve(() => asked.destroy());
    });
    asked.end();
  });
}

test('with 200 descriptors, and more than that at the door, the local socket answers', { skip: linux }, async (t) => {
  const dir = folder.in('narrow');
  const script = 'ulimit -n 200; exec "$0" up --dir "$1" --listen 127.0.0.1:0 --json';
  const child = spawnClean('sh', ['-c', script, launcher, dir]);
  const end = ended(child);
  const ready = await event(child, 'ready');
  child.stdout?.resume();
  const narrow = openLocalAuthority(dir);
  const many = new Crowd(String(ready['url']));
  t.after(async () => {
    many.disperse();
    await narrow.close();
    child.kill('SIGTERM');
    await end;
  });
  await many.gather(400, 'silent');
  await settled(Number(ready['pid']));
  t.diagnostic(`${String(many.present)} there, ${String(footprint(Number(ready['pid'])).descriptors)} descriptors`);
  const began = performance.now();
  assert.equal((await narrow.status()).pid, Number(ready['pid']));
  assert.ok(performance.now() - began < servedWithinMs);
  many.disperse();
  await requireServed(narrow);
});

/** The kernel takes connections before the process does: resolves when that has as many as it will have. */
async function settled(pid: number): Promise<void> {
  for (let [count, before] = [footprint(pid).descriptors, -1]; count !== before;) {
    before = count;
    await new Promise((resolve) => setTimeout(resolve, 500));
    count = footprint(pid).descriptors;
  }
}
