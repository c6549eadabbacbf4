import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../ground/encoding/index.ts';
import { passwordCryptography } from '../../../runtime/cryptography/index.ts';
import { type KeyDerivation, KeyDeriver } from './key-deriver.ts';

test('a key is derived once for the same salt and costs, and anew for any other', () => {
  let calls = 0;
  const counting = {
    ...passwordCryptography,
    pbkdf2: (...given: Parameters<typeof passwordCryptography.pbkdf2>) => {
      calls++;
      return passwordCryptography.pbkdf2(...given);
    },
  };
  const deriver = new KeyDeriver('x', counting);
  const one: KeyDerivation = { kdf: 'PBKDF2', hash: 'SHA-256', salt: new Uint8Array(8), iterations: 1000 };
  const others: readonly KeyDerivation[] = [
    { ...one, iterations: 1001 },
    { ...one, hash: 'SHA-512' },
    { ...one, salt: new Uint8Array(9) },
    { kdf: 'scrypt', salt: one.salt, cost: 2, blockSize: 8, parallelization: 1 },
  ];
  const key = toHex(deriver.derive(one, 32));
  assert.equal(toHex(deriver.derive({ ...one, salt: new Uint8Array(8) }, 32)), key);
  assert.equal(calls, 1);
  assert.notEqual(toHex(deriver.derive(one, 24)), key);
  for (const other of others) {
    deriver.derive(one, 32);
    assert.notEqual(toHex(deriver.derive(other, 32)), key);
  }
});
