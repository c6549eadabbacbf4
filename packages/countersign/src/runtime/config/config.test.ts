import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { z } from 'zod';

import { isRefusal, type Refusal } from '../../ground/errors/index.ts';
import {
  ensurePrivateDirectory,
  readJsonFile,
  readPrivateFile,
  readTextFile,
  socketPath,
  stateDirectory,
  writeFileAtomically,
  writeJsonFile,
} from './index.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'countersign-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await promise.then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(isRefusal(error), String(error));
  return error;
}

test('the state directory: --dir, then COUNTERSIGN_DIR, then ./.countersign, then the XDG state folder', () => {
  const environment = { COUNTERSIGN_DIR: 'from-environment', XDG_STATE_HOME: '/xdg', HOME: '/home/a' };
  const there = (): boolean => true;
  const nowhere = (): boolean => false;
  const base = { workingDirectory: '/here', environment };
  assert.equal(stateDirectory({ ...base, dir: 'said', exists: there }), '/here/said');
  assert.equal(stateDirectory({ ...base, exists: there }), '/here/from-environment');
  const unset = { ...environment, COUNTERSIGN_DIR: '' };
  assert.equal(stateDirectory({ ...base, environment: unset, exists: there }), '/here/.countersign');
  assert.equal(stateDirectory({ ...base, environment: unset, exists: nowhere }), '/xdg/countersign');
  const relative = { HOME: '/home/a', XDG_STATE_HOME: 'relative' };
  assert.equal(stateDirectory({ ...base, environment: relative, exists: nowhere }), '/home/a/.local/state/countersign');
});

test('a private directory is made 0700, also when it was made empty and open before', async (t) => {
  const base = await folder(t);
  await ensurePrivateDirectory(join(base, 'a', 'b'));
  assert.equal((await stat(join(base, 'a', 'b'))).mode & 0o777, 0o700);
  await mkdir(join(base, 'open'));
  await chmod(join(base, 'open'), 0o755);
  await ensurePrivateDirectory(join(base, 'open'));
  assert.equal((await stat(join(base, 'open'))).mode & 0o777, 0o700);
});

test('a directory in which others may write is refused with the command to type', async (t) => {
  const base = await folder(t);
  await writeFile(join(base, 'something'), '');
  await chmod(base, 0o777);
  const refused = await refusal(ensurePrivateDirectory(base));
  assert.equal(refused.code, 'CS-FILE-005');
  assert.equal(refused.evidence['type'], `chmod 700 ${base}`);
  await writeFile(join(base, 'file'), '');
  assert.equal((await refusal(ensurePrivateDirectory(join(base, 'file')))).code, 'CS-FILE-004');
});

test('a written file has its mode, its contents, and leaves no temporary', async (t) => {
  const base = await folder(t);
  const path = join(base, 'key.pem');
  await writeFileAtomically(path, 'one');
  await writeFileAtomically(path, 'two');
  assert.equal(await readFile(path, 'utf8'), 'two');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await writeFileAtomically(join(base, 'cert.pem'), 'c', { mode: 0o644 });
  assert.equal((await stat(join(base, 'cert.pem'))).mode & 0o777, 0o644);
  assert.deepEqual((await readdir(base)).sort(), ['cert.pem', 'key.pem']);
});

test('what is written is synced before it has its name, and the name after it', async (t) => {
  const base = await folder(t);
  const path = join(base, 'key.pem');
  const handle = await open(base);
  await handle.close();
  // Every handle has this prototype; what it does is seen from outside only after a power cut.
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  const { sync } = prototype;
  const synced: string[] = [];
  t.mock.method(prototype, 'sync', async function (this: typeof handle) {
    synced.push(
      `${(await this.stat()).isDirectory() ? 'directory' : 'file'}, ${existsSync(path) ? 'named' : 'unnamed'}`,
    );
    await Reflect.apply(sync, this, []);
  });
  await writeFileAtomically(path, 'one');
  assert.deepEqual(synced, ['file, unnamed', 'directory, named']);
});

test('a failed write is named, leaves what was there and no temporary', async (t) => {
  const base = await folder(t);
  await mkdir(join(base, 'taken', 'inside'), { recursive: true });
  const refused = await refusal(writeFileAtomically(join(base, 'taken'), 'x'));
  assert.equal(refused.code, 'CS-FILE-004');
  assert.equal(refused.evidence['path'], join(base, 'taken'));
  assert.deepEqual(await readdir(base), ['taken']);
  assert.equal((await refusal(writeFileAtomically(join(base, 'no', 'where'), 'x'))).code, 'CS-FILE-004');
});

test('a key that others may read is refused with the command to type, through a link as well', async (t) => {
  const base = await folder(t);
  const path = join(base, "it's.pem");
  await writeFile(path, 'secret', { mode: 0o600 });
  await chmod(path, 0o640);
  const refused = await refusal(readPrivateFile(path));
  assert.equal(refused.code, 'CS-KEY-001');
  assert.equal(refused.evidence['mode'], '0640');
  assert.equal(refused.evidence['type'], `chmod 600 '${base}/it'\\''s.pem'`);
  await symlink(path, join(base, 'link'));
  assert.equal((await refusal(readPrivateFile(join(base, 'link')))).code, 'CS-KEY-001');
  await chmod(path, 0o600);
  assert.equal(await readPrivateFile(path), 'secret');
});

test('missing, unreadable and over-large files are named with their path', async (t) => {
  const base = await folder(t);
  assert.equal((await refusal(readTextFile(join(base, 'none')))).code, 'CS-FILE-001');
  const directory = await refusal(readTextFile(base));
  assert.equal(directory.code, 'CS-FILE-002');
  assert.deepEqual(directory.evidence, { path: base, reason: 'EISDIR' });
  await writeFile(join(base, 'large'), 'x'.repeat(101));
  assert.equal((await refusal(readTextFile(join(base, 'large'), { maximumBytes: 100 }))).code, 'CS-FILE-006');
  assert.equal((await readTextFile(join(base, 'large'), { maximumBytes: 101 })).length, 101);
});

test('a JSON file is read whole or refused with the place', async (t) => {
  const path = join(await folder(t), 'settings.json');
  const schema = z.strictObject({ a: z.strictObject({ b: z.number() }) });
  await writeJsonFile(path, { a: { b: 1 } });
  assert.deepEqual(await readJsonFile(path, schema), { a: { b: 1 } });
  await writeJsonFile(path, { a: { b: 'one' } });
  const wrong = await refusal(readJsonFile(path, schema));
  assert.equal(wrong.code, 'CS-FILE-003');
  assert.equal(wrong.evidence['place'], 'a.b');
  await writeFile(path, '{"secret": "abc');
  const broken = await refusal(readJsonFile(path, schema));
  assert.equal(broken.code, 'CS-FILE-003');
  assert.ok(!JSON.stringify(broken.evidence).includes('abc'));
});

test(
  'a socket path longer than the kernel takes works all the same',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const directory = join(await folder(t), 'd'.repeat(120));
    await mkdir(directory);
    const short = socketPath(join(directory, 'authority.sock'));
    t.after(() => short.release());
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(short.path, resolve));
    const other = socketPath(join(directory, 'authority.sock'));
    const client = createConnection(other.path);
    const heard = await new Promise<string>((resolve) => client.on('data', (data: Buffer) => resolve(data.toString())));
    assert.equal(heard, 'hello');
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(await readdir(directory), []);
    other.release();
    other.release();
  },
);

test('a short socket path is left as it is', () => {
  assert.equal(socketPath('/run/countersign/authority.sock').path, '/run/countersign/authority.sock');
});
