/** Where the passphrase of the keys comes from: a file, the environment, a systemd credential, in this order; and what is said where it is wrong. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  ended,
  event,
  start,
  temporaryFolder,
  type Ended,
  type Event,
  type Folder,
  type Surroundings,
} from './command.ts';
import { countersign } from './here.ts';

let folder: Folder;

before(async () => {
  folder = await temporaryFolder();
  await mkdir(folder.in('credentials'));
  for (const [name, text] of [
    ['right', 'open sesame\n'],
    ['wrong', 'open barley\n'],
    ['credentials/countersign-passphrase', 'open sesame'],
  ] as const) {
    await writeFile(folder.in(name), text, { mode: 0o600 });
  }
  await chmod(folder.in('credentials/countersign-passphrase'), 0o440);
});

after(() => folder.remove());

const upCalled = (dir: string, args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> =>
  countersign(['up', '--dir', dir, '--listen', '127.0.0.1:0', '--json', ...args], surroundings);

/** Starts the authority, says what it says when ready, and ends it. */
async function up(dir: string, args: readonly string[], surroundings: Surroundings = {}): Promise<Event> {
  const { out, err, events } = await upCalled(dir, args, surroundings);
  assert.ok(!`${out}${err}`.includes('sesame'), 'the passphrase is in no output');
  const ready = events.find(({ event: name }) => name === 'ready');
  assert.ok(ready !== undefined, err);
  return ready;
}

const credentials = (): Surroundings => ({ env: { CREDENTIALS_DIRECTORY: folder.in('credentials') } });

test('a file before the environment before a systemd credential', async () => {
  const dir = folder.in('places');
  assert.equal((await up(dir, ['--passphrase-file', folder.in('right')]))['keysEncrypted'], true);
  assert.match(await readFile(`${dir}/authority/issuer.key.pem`, 'utf8'), /ENCRYPTED/);
  await up(dir, [], { env: { COUNTERSIGN_PASSPHRASE: 'open sesame' } });
  await up(dir, [], credentials());
  await up(dir, ['--passphrase-file', '-'], { input: 'open sesame\n' });
  await up(dir, ['--passphrase-file', folder.in('right')], { env: { COUNTERSIGN_PASSPHRASE: 'other' } });
  const nearer = await upCalled(dir, [], { env: { ...credentials().env, COUNTERSIGN_PASSPHRASE: 'other' } });
  assert.equal(nearer.result['code'], 'CS-PASS-001');
  assert.deepEqual((nearer.result['evidence'] as Event)['given'], 'COUNTERSIGN_PASSPHRASE');
});

test('wrong, absent, empty, missing or open to others: each by name, and the passphrase in no output', async () => {
  const dir = folder.in('faults');
  await up(dir, ['--passphrase-file', folder.in('right')]);
  await writeFile(folder.in('open'), 'open sesame\n', { mode: 0o644 });
  const cases: [readonly string[], Surroundings, string, number][] = [
    [['--passphrase-file', folder.in('wrong')], {}, 'CS-PASS-001', 1],
    [[], {}, 'CS-PASS-002', 2],
    [[], { env: { COUNTERSIGN_PASSPHRASE: '' } }, 'CS-PASS-001', 1],
    [['--passphrase-file', folder.in('nowhere')], {}, 'CS-PASS-006', 3],
    [['--passphrase-file', folder.in('open')], {}, 'CS-PASS-004', 1],
  ];
  for (const [args, surroundings, code, exit] of cases) {
    const { status, result, out, err } = await upCalled(dir, args, surroundings);
    assert.deepEqual([result['code'], status], [code, exit], err);
    assert.ok(!/sesame|barley/.test(`${out}${err}`));
  }
});

test('authority passphrase: adds, changes and removes it, with the files alone, and not under a running authority', async () => {
  const dir = folder.in('changed');
  await up(dir, []);
  const change = (...args: string[]): Promise<Ended> =>
    countersign(['authority', 'passphrase', '--dir', dir, '--json', ...args]);
  const added = await change('--new-passphrase-file', folder.in('wrong'));
  assert.deepEqual(added.result, {
    event: 'result',
    files: ['issuer.key.pem', 'root.key.pem'],
    encrypted: true,
  });
  assert.equal((await change('--remove')).result['code'], 'CS-PASS-002');
  assert.equal((await change('--passphrase-file', folder.in('wrong'))).result['code'], 'CS-USAGE-004');
  await change('--passphrase-file', folder.in('wrong'), '--new-passphrase-file', folder.in('right'));
  const child = start(['up', '--dir', dir, '--listen', '127.0.0.1:0', '--json'], credentials());
  const end = ended(child);
  await event(child, 'ready');
  assert.equal((await change('--passphrase-file', folder.in('right'), '--remove')).result['code'], 'CS-STATE-001');
  child.kill('SIGTERM');
  await end;
  assert.equal((await change('--passphrase-file', folder.in('right'), '--remove')).result['encrypted'], false);
  const ready = await up(dir, []);
  assert.equal(ready['keysEncrypted'], false);
  const typo = await countersign(['authority', 'passphrase', '--dir', folder.in('typo'), '--json']);
  assert.equal(typo.result['code'], 'CS-FILE-001');
});

test('a database that others may read is refused', async () => {
  const dir = folder.in('readable');
  await up(dir, []);
  await chmod(`${dir}/authority.db`, 0o644);
  const { status, result } = await upCalled(dir, []);
  assert.deepEqual([status, result['code']], [1, 'CS-STATE-011']);
});
