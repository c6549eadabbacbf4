import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePem } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { generatePrivateKey, makeRequest } from '../../../../../tests/fixtures/certificates.ts';
import { readRequest } from './certification-request.ts';

test('a key that is verified elsewhere, and not certified here, is refused with what is certified', () => {
  for (const type of ['P-521', 'RSA'] as const) {
    const pem = encodePem('CERTIFICATE REQUEST', makeRequest(generatePrivateKey(type), { dns: ['web'] }));
    assert.throws(
      () => readRequest(pem),
      (error) =>
        isRefusal(error) &&
        error.code === 'CS-X509-002' &&
        error.message.includes(`public key ${type}`) &&
        error.message.includes('certifies P-256, P-384, Ed25519 alone'),
    );
  }
  for (const type of ['P-256', 'P-384', 'Ed25519'] as const) {
    const key = generatePrivateKey(type);
    const pem = encodePem('CERTIFICATE REQUEST', makeRequest(key, { dns: ['web'] }));
    assert.deepEqual(readRequest(pem).publicKey.raw, key.publicKey.raw);
  }
});
