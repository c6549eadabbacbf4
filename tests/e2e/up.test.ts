/** `up`: ready, greeted, ended; and the two commands of its greeting, as pasted. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { after, before, test } from 'node:test';
import { compiledModules } from '../fixtures/compiled-modules.ts';
import {
  countersign,
  ended,
  event,
  launcher,
  start,
  startAuthority,
  temporaryFolder,
  type Ended,
  type Folder,
} from './command.ts';

let folder: Folder;

/** No certificate: as the route that needs one says it. */
const refusedStranger = /CS-(PEER|ACCESS)-001/;

before(async () => {
  folder = await temporaryFolder();
  await mkdir(folder.in('bin'));
  await symlink(launcher, folder.in('bin', 'countersign'));
});

after(() => folder.remove());

const path = (): { PATH: string } => ({ PATH: `${folder.in('bin')}${delimiter}${process.env['PATH'] ?? ''}` });
const pasted = (line: string): Promise<Ended> => {
  const { COUNTERSIGN_DIR: _, ...env } = process.env;
  const child = spawn('sh', ['-c', line], {
    env: { ...env, ...compiledModules, ...path() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return ended(child);
};

test('ready says where, which root, which process; the next start is the same authority', async () => {
  const dir = folder.in('same');
  const first = await startAuthority(dir);
  assert.match(first.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.match(first.root, /^[0-9a-f]{64}$/);
  assert.equal(first.pid, first.child.pid, "the server's own pid");
  const { status, signal, result } = await first.stop();
  assert.deepEqual([status, signal], [0, null]);
  assert.deepEqual(result, { event: 'result', ended: 'SIGTERM' });
  const second = await startAuthority(dir);
  assert.equal(second.root, first.root);
  await second.stop();
});

test('everything in the state directory is for its owner alone', async () => {
  const dir = folder.in('modes');
  const authority = await startAuthority(dir);
  assert.equal((await stat(dir)).mode & 0o077, 0);
  for (const name of await readdir(dir)) assert.equal((await stat(`${dir}/${name}`)).mode & 0o077, 0, name);
  await authority.stop();
});

test('an interrupt ends it cleanly with 130', async () => {
  const child = start(['up', '--dir', folder.in('interrupted'), '--listen', '127.0.0.1:0', '--json']);
  const end = ended(child);
  await event(child, 'ready');
  child.kill('SIGINT');
  const { status, signal } = await end;
  assert.deepEqual([status, signal], [130, null]);
});

test('the greeting ends with two commands: pasted, one is let in and one is refused', async () => {
  const child = start(['up', '--dir', folder.in('greeted'), '--listen', '127.0.0.1:0'], { env: path() });
  let said = '';
  const greeted = new Promise<void>((done) => {
    child.stdout?.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('-sSk')) done();
    });
  });
  const end = ended(child);
  await greeted;
  const lines = said.trimEnd().split('\n');
  for (const line of lines.slice(0, -2)) assert.ok(line.length <= 80 || !line.trim().includes(' '), line);
  const [letIn = '', refused = ''] = lines.slice(-2);

  const welcome = await pasted(letIn);
  assert.equal(welcome.status, 0, welcome.err);
  assert.equal((JSON.parse(welcome.out) as { spiffeId: string }).spiffeId, 'spiffe://dev.internal/web');

  const stranger = await pasted(refused);
  assert.match((JSON.parse(stranger.out) as { code: string }).code, refusedStranger, stranger.err);

  child.kill('SIGTERM');
  const { status, out } = await end;
  assert.equal(status, 0);
  assert.match(out, refusedStranger, 'the refusal is shown where the authority runs');
});

test('a trust domain of your own, kept from the first run on', async () => {
  const dir = folder.in('corp');
  const up = (domain: string): string[] => [
    'up',
    '--dir',
    dir,
    '--listen',
    '127.0.0.1:0',
    '--json',
    '--trust-domain',
    domain,
  ];
  const child = start(up('corp.internal'));
  const end = ended(child);
  assert.equal((await event(child, 'ready'))['trustDomain'], 'corp.internal');
  child.kill('SIGTERM');
  await end;
  const { status, result } = await countersign(up('other.internal'));
  assert.deepEqual([status, result['code']], [2, 'CS-STATE-003']);
});
