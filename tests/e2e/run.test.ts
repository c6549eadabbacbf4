/** `run`: a program with an identity; its signals, its status, its files. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { countersign, ended, event, start, sharedScene } from './command.ts';

const scene = sharedScene();

const run = (...program: string[]): string[] => [
  'run',
  '--as',
  'web',
  '--dir',
  scene.authority.dir,
  '--json',
  '--',
  ...program,
];
/** Where the private folders are made: ours, so that what is left behind is seen. */
const env = (): Record<string, string> => ({ TMPDIR: scene.folder.path });
const leftBehind = async (): Promise<string[]> =>
  (await readdir(scene.folder.path)).filter((name) => name.startsWith('countersign-run-'));

test('the program finds its files and its name, and they are gone afterwards', async () => {
  const look =
    'umask 077; stat -c %a "$(dirname "$COUNTERSIGN_KEY")" "$COUNTERSIGN_KEY"; env | grep ^COUNTERSIGN_; cat "$COUNTERSIGN_CERT" "$COUNTERSIGN_ROOTS"';
  const { status, events, err } = await countersign(run('sh', '-c', look), { env: env() });
  assert.equal(status, 0, err);
  assert.match(err, /^700$/m);
  assert.match(err, /^600$/m);
  assert.match(err, /COUNTERSIGN_SPIFFE_ID=spiffe:\/\/dev\.internal\/web/);
  assert.equal(err.match(/BEGIN CERTIFICATE/g)?.length, 3);
  const key = /COUNTERSIGN_KEY=(.*)/.exec(err)?.[1] ?? '';
  assert.ok(key.startsWith(scene.folder.path) && !existsSync(key));
  assert.equal(events[0]?.['event'], 'identity');
  assert.equal(events[0]['spiffeId'], 'spiffe://dev.internal/web');
  assert.deepEqual(events.at(-1), { event: 'result', status: 0, signal: null });
  assert.deepEqual(await leftBehind(), []);
});

test("without --json stdout is the program's alone", async () => {
  const { out, status } = await countersign([
    'run',
    '--as',
    'web',
    '--dir',
    scene.authority.dir,
    '--',
    'echo',
    'hello',
  ]);
  assert.deepEqual([status, out], [0, 'hello\n']);
});

test('stdin is handed on', async () => {
  const { out } = await countersign(['run', '--as', 'web', '--dir', scene.authority.dir, '--', 'cat'], {
    input: 'through',
  });
  assert.equal(out, 'through');
});

test('its exit status is ours', async () => {
  const { status, result } = await countersign(run('sh', '-c', 'exit 7'));
  assert.deepEqual([status, result['status']], [7, 7]);
});

test('ended by signal n: 128 + n', async () => {
  const { status, result } = await countersign(run('sh', '-c', 'kill -9 $$'));
  assert.deepEqual([status, result['signal']], [137, 'SIGKILL']);
});

test('signals reach the program, which decides; nothing is left behind', async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) {
    const catcher = `process.on('${signal}', () => process.exit(42)); setInterval(() => {}, 1000); console.error('ready')`;
    const child = start(run(process.execPath, '-e', catcher), { env: env() });
    const end = ended(child);
    await new Promise<void>((ready) => child.stderr?.on('data', (text: Buffer) => text.includes('ready') && ready()));
    child.kill(signal);
    const { status } = await end;
    assert.equal(status, 42, signal);
  }
  assert.deepEqual(await leftBehind(), []);
});

test('a program that cannot be started is named, and nothing is left behind', async () => {
  const { status, result } = await countersign(run('no-such-program'), { env: env() });
  assert.deepEqual([status, result['code']], [3, 'CS-RUN-003']);
  assert.deepEqual(await leftBehind(), []);
});

test('with a token: the names are its own, and the program does not get it', async () => {
  const { result } = await countersign([
    'token',
    'billing.internal',
    '--certificate-life',
    '5s',
    '--dir',
    scene.authority.dir,
    '--json',
  ]);
  const given = { COUNTERSIGN_TOKEN: String(result['token']) };
  // Long enough for the file to be replaced once: a life of 5 s is renewed at half of it.
  const wait =
    'before=$(cksum < "$COUNTERSIGN_CERT"); for i in $(seq 100); do [ "$before" != "$(cksum < "$COUNTERSIGN_CERT")" ] && break; sleep 0.1; done; env | grep COUNTERSIGN_TOKEN; true';
  const child = start(['run', '--json', '--', 'sh', '-c', wait], { env: given });
  const end = ended(child);
  const renewed = await event(child, 'renewed');
  const { status, err, events } = await end;
  assert.equal(status, 0, err);
  assert.ok(!err.includes('COUNTERSIGN_TOKEN'), err);
  assert.deepEqual(events[0]?.['names'], ['billing.internal', 'spiffe://dev.internal/billing.internal']);
  assert.notEqual(renewed['serial'], events[0]['serial']);
});
