import assert from 'node:assert/strict';
import { test } from 'node:test';

import { concatBytes } from '../../ground/encoding/index.ts';
import type { KeyType } from '../../identity/x509/index.ts';
import { generatePrivateKey, verifySignature } from './index.ts';

test('a signature over pieces, some in shared memory, is one over all of them', async () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3 * 1024 * 1024)).fill(7);
  const pieces = [Uint8Array.of(1, 2), shared.subarray(5), new Uint8Array(), Uint8Array.of(3)];
  for (const type of ['P-256', 'P-384', 'Ed25519', 'RSA', 'ML-DSA-44'] satisfies KeyType[]) {
    const key = generatePrivateKey(type);
    const signature = await key.signPieces(pieces);
    assert.ok(verifySignature(key.publicKey, key.signatureAlgorithm, concatBytes(pieces), signature), type);
  }
});
