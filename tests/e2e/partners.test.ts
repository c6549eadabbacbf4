/** Partners from the command line: invited, served by openssl and curl alone or by `join`, suspended, shown to auditors, removed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { readCertificatesPem } from '../../packages/countersign/src/identity/x509/index.ts';
import {
  countersign,
  type Ended,
  type Folder,
  type RunningAuthority,
  spawnClean,
  startAuthority,
  temporaryFolder,
} from './command.ts';

let folder: Folder;
let authority: RunningAuthority;
before(async () => {
  folder = await temporaryFolder();
  authority = await startAuthority(folder.in('state'));
});
after(async () => {
  await authority.stop();
  await folder.remove();
});

const partner = (...args: string[]): Promise<Ended> => countersign(['partner', ...args, '--dir', folder.in('state')]);

const tools = ['openssl', 'curl', 'sha256sum'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const skip = tools.length > 0 && process.env['CI'] === undefined ? `without ${tools.join(', ')}` : false;

function shell(line: string): Promise<{ status: number | null; out: string }> {
  const child = spawnClean('sh', ['-c', line], { cwd: folder.in('.') });
  let out = '';
  child.stdout?.on('data', (part: Buffer) => (out += part.toString()));
  child.stderr?.on('data', (part: Buffer) => (out += part.toString()));
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, out })));
}

test('the lines that an invitation prints are all that a partner needs', { skip }, async () => {
  const { out, err, status } = await partner(
    'invite',
    'acme',
    '--routes',
    'payments:read',
    '--limit',
    '50/s',
    '--contact',
    'ops@acme.example',
  );
  assert.equal(status, 0, err);
  const code = /^ code +(\S+)$/m.exec(out)?.[1] ?? '';
  await writeFile(folder.in('code.txt'), `Authorization: Bearer ${code}\n`);
  const lines = err.split('\n').filter((line) => /^ {3}(?:openssl|curl) /.test(line));
  assert.equal(lines.length, 4, err);
  assert.ok(!err.includes(code), 'no line carries the code');
  for (const line of lines) {
    const done = await shell(line);
    assert.equal(done.status, 0, `${line}\n${done.out}`);
  }
  const [first, next] = ['acme.pem', 'acme.next.pem'].map((file) =>
    readCertificatesPem(readFileSync(folder.in(file), 'utf8')),
  );
  assert.deepEqual(next?.[0]?.subjectAltName.uri, ['spiffe://dev.internal/partner/acme']);
  assert.notEqual(first?.[0]?.serialNumber, next[0].serialNumber);
});

test('join, list, show, suspend and resume', async () => {
  const code = folder.in('beta.code');
  const { result } = await partner('invite', 'beta', '--connections', '3', '--code-out', code, '--json');
  assert.equal(result['code'], undefined);
  const joined = await countersign([
    'join',
    String(result['link']),
    '--code-file',
    code,
    '--out',
    folder.in('beta'),
    '--json',
  ]);
  assert.equal(joined.result['spiffeId'], 'spiffe://dev.internal/partner/beta', joined.err);
  const list = await partner('list');
  assert.match(list.out, /^ PARTNER +STATE +CERTIFICATES +EXPIRES +LIMITS$/m);
  assert.match(list.out, /^ beta +active +1 +in \d+ d +3 connections$/m);
  for (const line of list.out.split('\n')) assert.ok(line.length <= 80, line);
  assert.match((await partner('show', 'beta')).out, /certificate +[0-9A-F]{32} valid until/);
  const suspended = await partner('suspend', 'beta', '--reason', 'INC-4711');
  assert.match(suspended.out, /suspended: beta, 1 certificate held/);
  assert.match((await partner('list')).out, /beta +suspended +0 .*\n.*INC-4711/);
  const renewal = await countersign(['renew', '--dir-credential', folder.in('beta')]);
  assert.notEqual(renewal.status, 0);
  assert.match((await partner('resume', 'beta')).out, /resumed: beta, 1 certificate released/);
});

test('what is mistaken is said in three lines', async () => {
  const unknown = await partner('show', 'bet');
  assert.equal(unknown.status, 1);
  assert.match(unknown.err, /CS-PARTNER-004.*\n.*beta/);
  assert.equal((await partner('invite', 'x', '--limit', '50/h')).status, 2);
  const link = await countersign(['join', 'https://ca.example/', '--code-file', '-', '--out', folder.in('x')], {
    input: 'A'.repeat(43),
  });
  assert.match(link.err, /CS-PARTNER-008/);
});

test('evidence is verified without the authority, and whatever is changed in it is named', async () => {
  const file = folder.in('beta.jsonl');
  const { result } = await partner('evidence', 'beta', '--out', file, '--json');
  assert.ok(Number(result['about']) >= 4, 'invited, certified, suspended, held, resumed, released');
  const text = readFileSync(file, 'utf8');
  assert.ok(!text.includes('partner/acme'), 'of others nothing is shown');
  assert.ok(text.includes('partner/beta'));
  const verify = (): Promise<Ended> =>
    countersign(['authority', 'audit', 'verify', '--evidence', file, '--json'], { cwd: folder.in('.') });
  const sound = await verify();
  assert.equal(sound.status, 0, sound.out);
  assert.equal(sound.result['sound'], true);
  const lines = text.trimEnd().split('\n');
  const tampered: readonly [string, string][] = [
    ['changed', text.replace('INC-4711', 'INC-4712')],
    ['truncated', lines.slice(0, -1).join('\n')],
  ];
  for (const [kind, content] of tampered) {
    assert.notEqual(content, text, kind);
    await writeFile(file, content);
    const found = await verify();
    assert.equal(found.status, 1, kind);
    assert.ok(
      found.events.some((event) => event['kind'] === kind),
      kind,
    );
  }
});

test('remove asks for a yes, and ends the partner', async () => {
  assert.equal((await partner('remove', 'beta')).status, 2);
  assert.match((await partner('remove', 'beta', '--yes')).out, /removed: beta, 1 certificate revoked/);
  assert.equal((await partner('show', 'beta')).status, 1);
});
