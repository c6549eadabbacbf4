import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePem } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { generatePrivateKey, makeRequest } from '../../../../../tests/fixtures/certificates.ts';
import { certifiableKeyTypes, serviceProfile } from '../authority/index.ts';
import { readRequest } from './certification-request.ts';

const requestOf = (key: ReturnType<typeof generatePrivateKey>): string =>
  encodePem('CERTIFICATE REQUEST', makeRequest(key, { dns: ['web'] }));

test('a key that the profile does not list is refused with those that it does', () => {
  for (const type of ['P-521', 'RSA'] as const) {
    assert.throws(
      () => readRequest(requestOf(generatePrivateKey(type)), serviceProfile),
      (error) =>
        isRefusal(error) &&
        error.code === 'CS-PROFILE-002' &&
        String(error.evidence['key']).startsWith(type) &&
        error.evidence['rule'] === 'a key is one of P-256, P-384, Ed25519',
    );
  }
  for (const type of ['P-256', 'P-384', 'Ed25519'] as const) {
    const key = generatePrivateKey(type);
    assert.deepEqual(readRequest(requestOf(key), serviceProfile).publicKey.raw, key.publicKey.raw);
  }
});

test('a profile may list each key that is verified', () => {
  for (const type of certifiableKeyTypes) {
    const key = generatePrivateKey(type);
    const profile = { ...serviceProfile, keyTypes: [type] };
    assert.deepEqual(readRequest(requestOf(key), profile).publicKey.raw, key.publicKey.raw, type);
  }
});
