import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passwordCryptography } from './password-cryptography.ts';
import { decryptRc2Block, expandRc2Key } from './rc2.ts';

const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'hex'));

test('RC2 decrypts what RFC 2268, 5, encrypts', () => {
  const vectors: readonly (readonly [key: string, bits: number, plaintext: string, ciphertext: string])[] = [
    ['0000000000000000', 63, '0000000000000000', 'ebb773f993278eff'],
    ['ffffffffffffffff', 64, 'ffffffffffffffff', '278b27e42e2f0d49'],
    ['3000000000000000', 64, '1000000000000001', '30649edf9be7d2c2'],
    ['88', 64, '0000000000000000', '61a8a244adacccf0'],
    ['88bca90e90875a', 64, '0000000000000000', '6ccf4308974c267f'],
    ['88bca90e90875a7f0f79c384627bafb2', 64, '0000000000000000', '1a807d272bbe5db1'],
    ['88bca90e90875a7f0f79c384627bafb2', 128, '0000000000000000', '2269552ab0f85ca6'],
    ['88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e', 129, '0000000000000000', '5b78d3a43dfff1f1'],
  ];
  for (const [key, bits, plaintext, ciphertext] of vectors) {
    const block = hex(ciphertext);
    decryptRc2Block(expandRc2Key(hex(key), bits), new DataView(block.buffer), 0);
    assert.equal(Buffer.from(block).toString('hex'), plaintext, key);
  }
});

test('a ciphertext that is no whole blocks, or has no padding, decrypts to nothing', () => {
  const [key, iv] = [hex('88bca90e90875a7f0f79c384627bafb2'), new Uint8Array(8)];
  for (const ciphertext of ['', '00', '2269552ab0f85c', '2269552ab0f85ca6', '2269552ab0f85ca600']) {
    assert.equal(passwordCryptography.decrypt('RC2-CBC', key, iv, hex(ciphertext)), undefined, ciphertext);
  }
});
