/** A long answer comes whole through a pipe, and one that could not be written is a failure. */
import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { makeCertificate } from './certificates.ts';
import { countersign, launcher, temporaryFolder, type Folder } from './command.ts';

let folder: Folder;

before(async () => {
  folder = await temporaryFolder();
  await writeFile(folder.in('one.pem'), makeCertificate({ commonName: 'one' }).pem);
  await writeFile(folder.in('many.pem'), makeCertificate({ commonName: 'one' }).pem.repeat(100));
});

after(() => folder.remove());

test('more than a pipe holds', async () => {
  const { status, out, events } = await countersign(['inspect', folder.in('many.pem'), '--json']);
  assert.ok(out.length > 128 * 1024, `${out.length} characters`);
  assert.deepEqual([status, events.length, events.at(-1)?.['event']], [0, 101, 'result']);
});

test('a reader that goes away is no failure, a full disk is one', { skip: process.platform !== 'linux' }, () => {
  const piped = spawnSync('sh', [
    '-c',
    '"$0" inspect "$1" --json 2>/dev/null | head -c 3',
    launcher,
    folder.in('many.pem'),
  ]);
  assert.deepEqual([piped.status, piped.stdout.toString()], [0, '{"e']);
  const full = spawnSync(launcher, ['inspect', folder.in('one.pem')], {
    stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
  });
  assert.equal(full.status, 3);
  assert.match(full.stderr.toString(), /CS-RUN-002.*\n.*\n? *action: write/);
});
