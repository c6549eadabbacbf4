/** One token is good for one key: the same key gets the same certificate again, another key nothing. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { enroll, enrollFolder, namesOf } from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { generatePrivateKey, sha256Hex } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import { startAuthority, temporaryFolder } from './authority-process.ts';

test('after a crash between asking and storing, the token gets the same certificate for the same key', async (t) => {
  const authority = await startAuthority(t);
  const token = await authority.token(['web']);
  const privateKey = generatePrivateKey('P-256');
  const first = await enroll({ token, privateKey });
  const again = await enroll({ token, privateKey });
  assert.deepEqual(again.leaf.raw, first.leaf.raw);
  assert.deepEqual(namesOf(first.leaf), ['web', 'spiffe://dev.internal/web']);
  assert.deepEqual(
    first.roots.map(({ raw }) => sha256Hex(raw)),
    [authority.root],
  );
  const [listed, ...more] = (await authority.local.listCertificates({})).certificates.filter(({ names }) =>
    names.includes('web'),
  );
  assert.equal(listed?.serial, first.leaf.serialNumber);
  assert.equal(more.length, 0);
  await assert.rejects(enroll({ token, privateKey: generatePrivateKey('P-256') }), { code: 'CS-TOKEN-003' });
});

test('a folder keeps its key from one try to the next, and a renewed certificate from an old token', async (t) => {
  const authority = await startAuthority(t);
  const folder = join(await temporaryFolder(t), 'web');
  const token = await authority.token(['web']);
  const first = await enrollFolder(folder, { token });
  const key = await readFile(join(folder, 'key.pem'), 'utf8');
  const again = await enrollFolder(folder, { token });
  assert.deepEqual(again.leaf.raw, first.leaf.raw);
  assert.equal(await readFile(join(folder, 'key.pem'), 'utf8'), key);
});

test('every kind of key is certified', async (t) => {
  const authority = await startAuthority(t);
  for (const type of ['P-256', 'P-384', 'Ed25519'] as const) {
    const held = await enroll({
      token: await authority.token([`svc-${type.toLowerCase()}`]),
      privateKey: generatePrivateKey(type),
    });
    assert.equal(held.leaf.publicKey.type, type);
  }
});
