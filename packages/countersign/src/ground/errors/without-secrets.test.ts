import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Refusal } from './refusal.ts';
import { withoutSecrets } from './without-secrets.ts';

const pem = '-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n';

test('tokens and private keys are hidden, whole or broken, and nothing else is', () => {
  assert.equal(withoutSecrets('--token=cs1_eyJ2IjoxLCJh&x'), '--token=cs1_...&x');
  assert.equal(withoutSecrets(`got ${pem}`), 'got (a private key)');
  assert.equal(withoutSecrets(encodeURIComponent(pem)), '(a private key)');
  assert.equal(withoutSecrets('-----BEGIN EC PRIVATE KEY-----\nMHcC'), '(a private key)');
  for (const text of ['from "cs1_" on', '-----BEGIN CERTIFICATE-----\nMIIB', 'PRIVATE'])
    assert.equal(withoutSecrets(text), text);
});

test('no refusal shows one, wherever it was put', () => {
  const refusal = new Refusal('CS-AUTHORITY-006', { asked: ['web', 'cs1_eyJ2IjoxLCJh'], granted: pem });
  assert.deepEqual(refusal.evidence, { asked: ['web', 'cs1_...'], granted: '(a private key)' });
  assert.ok(!refusal.message.includes('eyJ2'));
});
