/** The same identity for another while: over mutual TLS, after expiry by the old key, never when revoked. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../../packages/countersign/src/ground/clock/index.ts';
import { generatePrivateKey } from '../../packages/countersign/src/runtime/cryptography/index.ts';
import {
  enroll,
  enrollFolder,
  loadCredential,
  namesOf,
  renew,
  renewFolder,
} from '../../packages/countersign/src/traffic/enrollment/index.ts';
import { second, startAuthority, temporaryFolder, wait } from './authority-process.ts';

test('a renewal keeps names, key and life, and replaces the certificate alone', async (t) => {
  const authority = await startAuthority(t);
  const folder = join(await temporaryFolder(t), 'web');
  const token = await authority.token(['web', 'web.internal'], { certificateLifeSeconds: 600 });
  const before = await enrollFolder(folder, { token });
  const key = await readFile(join(folder, 'key.pem'), 'utf8');
  const after = await renewFolder(folder);
  assert.notEqual(after.leaf.serialNumber, before.leaf.serialNumber);
  assert.deepEqual(namesOf(after.leaf), namesOf(before.leaf));
  assert.equal(await readFile(join(folder, 'key.pem'), 'utf8'), key);
  assert.deepEqual((await loadCredential(folder))?.leaf.raw, after.leaf.raw);
  const lifeMs = after.leaf.notAfter - systemClock.now();
  assert.ok(lifeMs > 590 * second && lifeMs <= 600 * second, `${lifeMs} ms`);
});

test('another key rekeys', async (t) => {
  const authority = await startAuthority(t);
  const held = await enroll({ token: await authority.token(['web']), privateKey: generatePrivateKey('P-256') });
  const privateKey = generatePrivateKey('Ed25519');
  const after = await renew({ held, privateKey });
  assert.deepEqual(after.leaf.publicKey.raw, privateKey.publicKey.raw);
});

test('after expiry the old key proves it; a stolen certificate without the key proves nothing; a revoked one ends', async (t) => {
  const authority = await startAuthority(t);
  const life = { certificateLifeSeconds: 5 };
  const held = await enroll({ token: await authority.token(['web'], life), privateKey: generatePrivateKey('P-256') });
  const revoked = await enroll({ token: await authority.token(['db'], life), privateKey: generatePrivateKey('P-256') });
  await authority.local.revoke({ serial: revoked.leaf.serialNumber });
  await assert.rejects(renew({ held: revoked }), (error: { code: string }) => {
    assert.ok(error.code === 'CS-RENEW-002' || error.code === 'CS-PEER-008', error.code);
    return true;
  });
  await wait(held.leaf.notAfter + 1.2 * second - systemClock.now());
  const after = await renew({ held });
  assert.ok(after.leaf.notAfter > systemClock.now());
  assert.deepEqual(after.leaf.publicKey.raw, held.leaf.publicKey.raw);
  const stolen = { ...held, privateKey: generatePrivateKey('P-256') };
  await assert.rejects(renew({ held: stolen }), { code: 'CS-RENEW-005' });
  await assert.rejects(renew({ held: revoked }), { code: 'CS-RENEW-002' });
});
