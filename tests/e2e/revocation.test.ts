/** Revocation with real processes: what is held is closed and comes back, what is wide is confirmed, and who was away catches up. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { after, before, test } from 'node:test';
import { countersign, type Ended, event, type Folder, start, temporaryFolder } from './command.ts';
import { type RunningProgram, startRun } from './running-program.ts';

const program = `
const { ppid } = process;
setInterval(() => process.ppid === ppid || process.exit(), 500).unref();
import { createServer } from 'node:http';
createServer((request, response) => {
  if (request.url === '/stream') response.write('first');
  else response.end('ok');
}).listen(process.env.PORT, '127.0.0.1');
`;

let folder: Folder;
let authority: { child: ChildProcess; address: string };
let [orders, patient]: RunningProgram[] = [];
const running: RunningProgram[] = [];

async function up(listen: string, ...more: readonly string[]): Promise<void> {
  const child = start(['up', '--dir', folder.in('state'), '--listen', listen, '--json', ...more]);
  const { url } = await event(child, 'ready');
  authority = { child, address: new URL(String(url)).host };
}

async function killAuthority(): Promise<void> {
  const { child } = authority;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function behindFront(name: string, afterLease: string): RunningProgram {
  const front = ['--as', name, '--allow', 'web', '--allow', 'db', '--dir', folder.in('state')];
  const how = ['--listen', '127.0.0.1:0', '--after-lease', afterLease, '--no-preload'];
  const one = startRun([...front, ...how, '--', process.execPath, folder.in('program.mjs')]);
  running.push(one);
  return one;
}

before(async () => {
  folder = await temporaryFolder();
  writeFileSync(folder.in('program.mjs'), program);
  await up('127.0.0.1:0');
  [orders, patient] = [behindFront('orders', 'refuse'), behindFront('patient', 'continue')];
  const issued = ['web', 'db'].map((name) => administer('issue', name, '--out', folder.in(name)));
  await Promise.all([orders, patient].map((one) => one?.until('upstream')));
  await Promise.all(issued);
});

after(async () => {
  for (const one of running) void one.stop();
  await Promise.all(running.map((one) => one.stop()));
  await folder.remove();
});

async function administer(...args: readonly string[]): Promise<Ended> {
  return countersign([...args, '--dir', folder.in('state'), '--json']);
}

async function call(to: RunningProgram | undefined, name: string, path = '/'): Promise<IncomingMessage> {
  const { port } = (await to?.until('front')) ?? {};
  const read = (file: string): string => readFileSync(folder.in(name, `${file}.pem`), 'utf8');
  const own = { key: read('key'), cert: read('cert'), ca: read('roots'), checkServerIdentity: () => undefined };
  const onward = request({ host: '127.0.0.1', port: Number(port), path, agent: false, ...own });
  onward.end();
  const [response] = (await once(onward, 'response')) as [IncomingMessage];
  return response;
}

/** The status, and the code of the refusal where it is one. */
async function answer(to: RunningProgram | undefined, name: string): Promise<[number | undefined, string]> {
  const response = await call(to, name);
  const text = Buffer.concat(await response.toArray()).toString();
  return [response.statusCode, /CS-[A-Z]+-\d+/.exec(text)?.[0] ?? ''];
}

test('what is held is closed and refused everywhere, and let in again when it is released', async () => {
  const live = await call(orders, 'web', '/stream');
  const broken = once(live, 'error');
  await once(live, 'data');
  const { result } = await administer('hold', 'web');
  assert.deepEqual([result['enforced'], result['of'], result['closed'], result['unreachable']], [2, 2, 1, []]);
  await broken;
  assert.deepEqual(await answer(orders, 'web'), [403, 'CS-PEER-020']);
  assert.deepEqual(await answer(patient, 'web'), [403, 'CS-PEER-020']);
  const [serial] = result['serials'] as string[];
  const released = await administer('release', serial ?? '');
  assert.deepEqual([released.status, released.result['enforced']], [0, 2], released.err);
  assert.deepEqual(
    [await answer(orders, 'web'), await answer(patient, 'web')],
    [
      [200, ''],
      [200, ''],
    ],
  );
});

test('what is wide is shown and must be confirmed; the issuer in use is not revoked', async () => {
  const unasked = await administer('revoke', '--by-identity', 'db');
  assert.deepEqual([unasked.status, unasked.result['code']], [2, 'CS-USAGE-004']);
  assert.deepEqual(await answer(orders, 'db'), [200, '']);
  const { events, result } = await administer('revoke', '--by-identity', 'db', '--yes');
  const preview = events.find((one) => one['event'] === 'preview');
  assert.deepEqual([preview?.['certificates'], preview?.['identities'], preview?.['endpoints']], [1, 1, 0]);
  assert.deepEqual([result['identity'], result['enforced'], result['of']], ['spiffe://dev.internal/db', 2, 2]);
  assert.deepEqual(await answer(orders, 'db'), [403, 'CS-PEER-008']);
  const [renewed, issuer] = await Promise.all([
    countersign(['renew', '--dir-credential', folder.in('db'), '--json']),
    administer('revoke', '--by-issuer', String((result['serials'] as string[])[0]), '--yes'),
  ]);
  assert.equal(renewed.result['code'], 'CS-PEER-008');
  assert.equal(issuer.result['code'], 'CS-REVOKE-002');
});

test('an authority that is away is missed by nobody while the lease lasts; who missed a revocation meanwhile catches up', async () => {
  await killAuthority();
  assert.deepEqual(await answer(orders, 'web'), [200, '']);
  const live = await call(patient, 'web', '/stream');
  const broken = once(live, 'error');
  await once(live, 'data');
  await up(authority.address);
  // Before anybody has come back, or after: either way it is in force there in the end.
  const { result } = await administer('hold', 'web');
  await broken;
  const [serial] = result['serials'] as string[];
  await administer('release', serial ?? '');
  for (const one of [orders, patient]) while ((await answer(one, 'web'))[0] !== 200);
});

test('beyond the lease each goes by its policy; who is gone without a farewell is named, with the end of its lease', async () => {
  await killAuthority();
  // Who holds the lease of before is given this one when it comes back.
  await up(authority.address, '--lease', '3s');
  while ((await followers()) < 2);
  await killAuthority();
  while ((await answer(orders, 'web'))[1] !== 'CS-PEER-010');
  assert.deepEqual(await answer(patient, 'web'), [200, '']);
  await up(authority.address, '--lease', '1h');
  while ((await answer(orders, 'web'))[0] !== 200);
  while ((await followers()) < 2);
  killWhole(patient?.pid ?? 0);
  await patient?.stop();
  while ((await followers()) > 1);
  const { result } = await administer('revoke', '--by-identity', 'web', '--yes');
  const [gone, ...others] = result['unreachable'] as { name: string; leaseEnds: string }[];
  assert.deepEqual([result['enforced'], result['of'], gone?.name], [1, 2, 'spiffe://dev.internal/patient']);
  assert.deepEqual(others, []);
  const leftMs = Date.parse(gone?.leaseEnds ?? '') - Date.now();
  assert.ok(leftMs > 3_000_000 && leftMs <= 3_600_000, gone?.leaseEnds);
  assert.deepEqual(await answer(orders, 'web'), [403, 'CS-PEER-008']);
});

/** As a machine dies that loses its power: the front, which would say farewell for a `run` that was killed alone, with it. */
function killWhole(pid: number): void {
  process.kill(pid, 'SIGSTOP');
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    .trim()
    .split(' ');
  for (const one of [...children.map(Number), pid]) process.kill(one, 'SIGKILL');
}

/** How many follow the feed just now. */
async function followers(): Promise<number> {
  const { result } = await administer('status');
  return (result['endpoints'] as { subscribed: number } | undefined)?.subscribed ?? 0;
}
