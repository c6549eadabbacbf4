/** The runner of revocation lists reads a folder in each form that it may come in, tells what differs, and says why a folder cannot be run. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { encodePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import type { CertificateList } from '../../packages/countersign/src/identity/x509/index.ts';
import { type Holder, makeRoot, makeService, testMoment } from '../fixtures/certificates.ts';
import { entryFor, makeList } from '../fixtures/revocation-lists.ts';
import { readCrlFolder } from './crl/crl-folder.ts';
import { npmRun, runRunner } from './runner-process.ts';

const parent = mkdtempSync(join(tmpdir(), 'crl-'));
after(() => rmSync(parent, { recursive: true }));

const root = makeRoot();
const stranger = makeRoot({ subject: 'stranger' });
const service = makeService(root);

function blocks(list: CertificateList, authority: Holder = root): string {
  return [
    'text above\n',
    encodePem('CRL', list.raw),
    encodePem('CA CERTIFICATE', authority.certificate.raw),
    encodePem('CERTIFICATE', service.certificate.raw),
  ].join('\n');
}

const good = blocks(makeList(root));
const revoked = blocks(makeList(root, { revoked: [entryFor(service)] }));

const files: Readonly<Record<string, readonly [text: string, expected: string]>> = {
  'good.pem': [good, 'good'],
  'revoked.pem': [revoked, 'revoked'],
  'refused.pem': [blocks(makeList(stranger)), 'refused'],
  'no-list.pem': [blocks(makeList(root)).replaceAll('BEGIN CRL', 'BEGIN OTHER'), 'refused'],
  'of-another.pem': [blocks(makeList(root), stranger), 'refused'],
  'accepted.pem': [good, 'revoked'],
  'rejected.pem': [revoked, 'good'],
};

const summary = { cases: 8, asExpected: 5, differing: ['accepted.pem', 'rejected.pem', 'absent.pem'] };

let folders = 0;

function crlFolder(gzipped = false): string {
  const directory = join(parent, String(folders++));
  mkdirSync(directory);
  const write = (name: string, contents: string): void =>
    writeFileSync(join(directory, gzipped ? `${name}.gz` : name), gzipped ? gzipSync(contents) : contents);
  const expected = Object.fromEntries(Object.entries(files).map(([name, [, answer]]) => [name, answer]));
  const moment = { verifyTime: new Date(testMoment).toISOString(), maxAgeSeconds: 7200 };
  write('expected.json', JSON.stringify({ ...moment, expected: { ...expected, 'absent.pem': 'refused' } }));
  for (const [name, [text]] of Object.entries(files)) write(name, text);
  return directory;
}

test('stdout is one object; stderr gives the reasons', () => {
  const { status, out, err } = npmRun('conformance:crl', [crlFolder()]);
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(out), summary);
  assert.match(err, /accepted\.pem\n {4}revoked is expected; good\n/);
  assert.match(err, /rejected\.pem\n {4}good is expected; revoked: CS-CRL-002 /);
  assert.match(err, /absent\.pem\n {4}refused is expected; failed: /);
});

test('with --json nothing is said on stderr; all files may be gzipped', () => {
  const { status, out, err } = runRunner('crl', [crlFolder(true), '--json']);
  assert.deepEqual([status, err], [0, '']);
  assert.deepEqual(JSON.parse(out), summary);
});

test('a folder that cannot be run is refused with the cause', () => {
  const bare = join(parent, 'bare');
  mkdirSync(bare);
  assert.throws(() => readCrlFolder(bare), { name: 'CannotRun', status: 3, message: /holds no expected\.json/ });
  writeFileSync(join(bare, 'expected.json'), '{}');
  assert.throws(() => readCrlFolder(bare), { name: 'CannotRun', status: 3, message: /does not say.*: verifyTime/ });
});

test('used wrongly: cause and remedy on stderr, nothing on stdout', () => {
  const { status, out, err } = runRunner('crl', []);
  assert.deepEqual([status, out], [2, '']);
  assert.match(err, /^conformance:crl: no DIR given\nType: npm run -s conformance:crl/);
});
