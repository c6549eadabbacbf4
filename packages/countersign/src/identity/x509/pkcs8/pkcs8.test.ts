import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  equalBytes,
  fromHex,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { passwordCryptography } from '../../../runtime/cryptography/index.ts';
import {
  decryptPrivateKey,
  encodePrivateKeyInfo,
  encryptPrivateKey,
  parsePrivateKeyInfo,
  PrivateKeyInfo,
  type Stretching,
} from '../index.ts';

/** So that a test does not wait. */
const few: Stretching = { kdf: 'PBKDF2', iterations: 1000 };

const fields = fc.record({
  oid: fc.constantFrom('1.3.101.112', '1.2.840.10045.2.1', '1.2.3.4'),
  parameters: fc.option(fc.constantFrom(encodeOid('1.2.840.10045.3.1.7'), Uint8Array.of(5, 0)), { nil: undefined }),
  privateKey: fc.uint8Array({ maxLength: 300 }),
  attributes: fc.array(
    fc
      .uint8Array({ maxLength: 20 })
      .map((value) => encodeSequence(encodeOid('2.5.29.15'), encodeSetOf([encodeOctetString(value)]))),
    { maxLength: 2 },
  ),
  publicKey: fc.option(fc.uint8Array({ maxLength: 100 }), { nil: undefined }),
});

const keys = fields.map(({ oid, parameters, privateKey, attributes, publicKey }) => {
  const algorithm = { oid, ...(parameters === undefined ? {} : { parameters }) };
  return new PrivateKeyInfo({ algorithm, privateKey, attributes, ...(publicKey === undefined ? {} : { publicKey }) });
});

const hexOf = (key: PrivateKeyInfo): string => toHex(encodePrivateKeyInfo(key));

test('a private key comes back as it was written', () => {
  fc.assert(
    fc.property(keys, (key) => {
      const again = parsePrivateKeyInfo(encodePrivateKeyInfo(key));
      assert.deepEqual(again, key);
      assert.ok(equalBytes(again.privateKeyOctets(), key.privateKeyOctets()));
      assert.equal(hexOf(again), hexOf(key));
    }),
  );
});

test('a private key comes back from under a passphrase, and from under no other', () => {
  const passphrases = fc.tuple(
    fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0')),
    fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  );
  const small: Stretching = { kdf: 'scrypt', cost: 1024, blockSize: 1, parallelization: 1 };
  fc.assert(
    fc.property(keys, passphrases, fc.constantFrom(few, small), (key, [right, wrong], stretching) => {
      const encrypted = encryptPrivateKey(key, right, passwordCryptography, stretching);
      const opened = decryptPrivateKey(encrypted, right, passwordCryptography);
      assert.equal(hexOf(opened.key), hexOf(key));
      assert.deepEqual(opened.weak, []);
      if (wrong === right) return;
      assert.throws(() => decryptPrivateKey(encrypted, wrong, passwordCryptography), { code: 'CS-PKCS-001' });
    }),
  );
});

test("RFC 8410's example with a public key and an attribute reads", () => {
  // RFC 8410, 10.3.
  const der = fromHex(
    '3072020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842a01f301d060a2a864886f70d01090914310f0c0d437572646c65204368616972738121' +
      '0019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1',
  )!;
  const key = parsePrivateKeyInfo(der);
  assert.equal(key.algorithm.oid, '1.3.101.112');
  assert.equal(toHex(key.publicKey!), '19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1');
  assert.equal(key.attributes.length, 1);
  assert.ok(equalBytes(encodePrivateKeyInfo(key), der));
});

test('node:crypto reads what is written, and its keys are read, of every kind', () => {
  const made = [
    generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('x25519'),
  ];
  for (const { privateKey } of made) {
    const der = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }));
    const key = parsePrivateKeyInfo(der);
    assert.ok(equalBytes(encodePrivateKeyInfo(key), der));
    const ours = Buffer.from(encryptPrivateKey(key, 'pä€🔑', passwordCryptography, few));
    const theirs = createPrivateKey({ key: ours, format: 'der', type: 'pkcs8', passphrase: 'pä€🔑' });
    assert.ok(theirs.equals(privateKey));
    for (const cipher of ['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', 'des-ede3-cbc']) {
      const encrypted = privateKey.export({ type: 'pkcs8', format: 'der', cipher, passphrase: 'pä€🔑' });
      const opened = decryptPrivateKey(new Uint8Array(encrypted), 'pä€🔑', passwordCryptography);
      assert.ok(equalBytes(encodePrivateKeyInfo(opened.key), der), cipher);
      assert.equal(
        opened.weak.some((text) => text.startsWith('encrypted with triple DES')),
        cipher === 'des-ede3-cbc',
      );
    }
  }
});

const algorithm = encodeSequence(encodeOid('1.3.101.112'));
const secret = encodeOctetString(encodeOctetString(new Uint8Array(32).fill(0x5a)));

test('a private key that breaks a rule is refused', () => {
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [encodeSequence(encodeInteger(2), algorithm, secret), 'CS-PKCS-006'],
    [encodeSequence(encodeInteger(0), algorithm, secret, Uint8Array.of(0x81, 2, 0, 1)), 'CS-PKCS-006'],
    [encodeSequence(encodeInteger(1), algorithm, secret, Uint8Array.of(0x81, 2, 1, 1)), 'CS-DER-001'],
    [encodeSequence(encodeInteger(0), algorithm, secret, encodeInteger(1)), 'CS-DER-001'],
    [encodeSequence(encodeInteger(0), algorithm), 'CS-DER-001'],
    [Uint8Array.of(...encodeSequence(encodeInteger(0), algorithm, secret), 0), 'CS-DER-001'],
    [
      encodeSequence(encodeInteger(0), encodeSequence(encodeOid('1.2'), Uint8Array.of(5, 0, 5, 0)), secret),
      'CS-DER-001',
    ],
  ];
  for (const [der, code] of cases) assert.throws(() => parsePrivateKeyInfo(der), { code }, toHex(der));
});

test('printing a private key does not show it', () => {
  const key = parsePrivateKeyInfo(encodeSequence(encodeInteger(0), algorithm, secret));
  const shown = [inspect({ key }, { showHidden: true, depth: null, getters: true }), JSON.stringify({ key })].join(
    '\n',
  );
  for (const trace of ['5a5a', '5a 5a', '90, 90', '90,90', 'WlpaWl', 'ZZZZ']) assert.ok(!shown.includes(trace), shown);
});

/** An EncryptedPrivateKeyInfo with this key derivation and cipher. */
function encryptedWith(kdf: Uint8Array, scheme: Uint8Array = aes): Uint8Array {
  const parameters = encodeSequence(kdf, scheme);
  return encodeSequence(
    encodeSequence(encodeOid('1.2.840.113549.1.5.13'), parameters),
    encodeOctetString(new Uint8Array(16)),
  );
}

const aes = encodeSequence(encodeOid('2.16.840.1.101.3.4.1.42'), encodeOctetString(new Uint8Array(16)));
const sha256 = encodeSequence(encodeOid('1.2.840.113549.2.9'), encodeElement(tags.null, new Uint8Array()));
const salt = encodeOctetString(new Uint8Array(8));
const pbkdf2 = (...parameters: Uint8Array[]): Uint8Array =>
  encodeSequence(encodeOid('1.2.840.113549.1.5.12'), encodeSequence(...parameters));
const scrypt = (n: number, r: number, p: number, ...more: Uint8Array[]): Uint8Array =>
  encodeSequence(
    encodeOid('1.3.6.1.4.1.11591.4.11'),
    encodeSequence(salt, encodeInteger(n), encodeInteger(r), encodeInteger(p), ...more),
  );

test('what the file asks for in work and memory has a limit, refused before it is paid', () => {
  const cases: readonly (readonly [Uint8Array, string, number])[] = [
    [pbkdf2(salt, encodeInteger(1_799_501), sha256), 'mostWork', 1_800_001],
    [pbkdf2(salt, encodeInteger(0x7fffffff), sha256), 'mostWork', 0x7fffffff + 500],
    // SHA-1 costs twice as much and needs two blocks for 32 octets.
    [pbkdf2(salt, encodeInteger(450_000)), 'mostWork', 1_800_500],
    [scrypt(2 ** 17, 8, 1), 'mostScryptBytes', 2 ** 27],
    [scrypt(2 ** 14, 8, 6), 'mostWork', 1_966_580],
    [scrypt(2, 8, 2 ** 26), 'mostScryptBytes', 2 ** 36],
    [scrypt(2 ** 30, 2 ** 29, 1), 'mostScryptBytes', 2 ** 66],
  ];
  const paid = (): never => assert.fail('derived before the limit was looked at');
  const unpaid = { ...passwordCryptography, pbkdf2: paid, scrypt: paid };
  for (const [kdf, limit, asked] of cases) {
    assert.throws(() => decryptPrivateKey(encryptedWith(kdf), 'x', unpaid), {
      code: 'CS-PKCS-005',
      evidence: { limit, asked, maximum: limit === 'mostWork' ? 1_800_000 : 64 * 1024 * 1024 },
    });
  }
});

test('a caller may raise and lower the limits by name', () => {
  const key = parsePrivateKeyInfo(encodeSequence(encodeInteger(0), algorithm, secret));
  const stretching = { kdf: 'PBKDF2', iterations: 1_800_000 } as const;
  const encrypted = encryptPrivateKey(key, 'x', passwordCryptography, stretching);
  const open = (mostWork?: number): unknown =>
    decryptPrivateKey(encrypted, 'x', passwordCryptography, mostWork === undefined ? {} : { mostWork });
  assert.throws(() => open(), { code: 'CS-PKCS-005' });
  open(2_000_000);
  assert.throws(() => open(1000), { code: 'CS-PKCS-005' });
});

test('our own defaults read back under the default limits', () => {
  const key = parsePrivateKeyInfo(encodeSequence(encodeInteger(0), algorithm, secret));
  for (const stretching of [undefined, { kdf: 'scrypt' }] as const) {
    const encrypted = encryptPrivateKey(key, 'x', passwordCryptography, stretching);
    assert.equal(hexOf(decryptPrivateKey(encrypted, 'x', passwordCryptography).key), hexOf(key));
  }
});

test('encryption that breaks a rule, or is not known, is refused by name', () => {
  const iterations = encodeInteger(2048);
  const cases: readonly (readonly [Uint8Array, string, RegExp])[] = [
    [encryptedWith(pbkdf2(salt, encodeInteger(0), sha256)), 'CS-PKCS-006', /iterationCount below 1/],
    [encryptedWith(pbkdf2(salt, iterations, encodeInteger(16), sha256)), 'CS-PKCS-006', /keyLength/],
    [encryptedWith(pbkdf2(encodeSequence(encodeOid('1.2.3')), iterations)), 'CS-PKCS-003', /otherSource/],
    [encryptedWith(pbkdf2(salt, iterations, encodeSequence(encodeOid('1.2.3')))), 'CS-PKCS-003', /1\.2\.3/],
    [encryptedWith(pbkdf2(salt, iterations, sha256, sha256)), 'CS-DER-001', /after the last/],
    [encryptedWith(encodeSequence(encodeOid('1.2.3'))), 'CS-PKCS-003', /1\.2\.3/],
    [encryptedWith(pbkdf2(salt, iterations), encodeSequence(encodeOid('1.2.3'))), 'CS-PKCS-003', /1\.2\.3/],
    [
      encryptedWith(pbkdf2(salt, iterations), encodeSequence(encodeOid('2.16.840.1.101.3.4.1.42'), salt)),
      'CS-PKCS-006',
      /IV/,
    ],
    [encryptedWith(scrypt(3, 8, 1)), 'CS-PKCS-006', /power of two/],
    [encryptedWith(scrypt(1, 8, 1)), 'CS-PKCS-006', /power of two/],
    [encryptedWith(scrypt(2 ** 16, 1, 1)), 'CS-PKCS-006', /power of two/],
    [encryptedWith(scrypt(16, 8, 2 ** 27)), 'CS-PKCS-006', /parallelizationParameter out of range/],
    [encryptedWith(scrypt(16, 0, 1)), 'CS-PKCS-006', /blockSize/],
    [encryptedWith(scrypt(16, 1, 0)), 'CS-PKCS-006', /parallelization/],
    [encryptedWith(scrypt(16, 1, 1, encodeInteger(31))), 'CS-PKCS-006', /keyLength/],
    [encryptedWith(pbkdf2(salt, iterations)), 'CS-PKCS-001', /private key/],
    [encodeSequence(encodeSequence(encodeOid('1.2.840.113549.1.12.1.3')), salt), 'CS-PKCS-003', /12\.1\.3/],
    [encodeSequence(encodeExplicit(0, salt)), 'CS-DER-001', /expected/],
  ];
  for (const [der, code, message] of cases) {
    assert.throws(() => decryptPrivateKey(der, 'x', passwordCryptography), { code, message }, String(message));
  }
});

test('what decrypts to something that is no key is told from a wrong passphrase by nothing', () => {
  for (const plaintext of [undefined, new Uint8Array(), secret, encodeSequence(encodeInteger(7), algorithm, secret)]) {
    const cryptography = { ...passwordCryptography, decrypt: () => plaintext };
    assert.throws(() => decryptPrivateKey(encryptedWith(pbkdf2(salt, encodeInteger(1000))), 'x', cryptography), {
      code: 'CS-PKCS-001',
      evidence: { object: 'private key' },
    });
  }
});

test('a passphrase that would be another one, or none, is a mistake of the caller', () => {
  const key = parsePrivateKeyInfo(encodeSequence(encodeInteger(0), algorithm, secret));
  for (const passphrase of ['', 'a\0', '\ud800']) {
    assert.throws(() => encryptPrivateKey(key, passphrase, passwordCryptography, few), TypeError);
  }
  for (const iterations of [0, 999, 1.5, 2 ** 31]) {
    assert.throws(() => encryptPrivateKey(key, 'x', passwordCryptography, { kdf: 'PBKDF2', iterations }), TypeError);
  }
  for (const cost of [512, 1025, 0.5, 2 ** 31]) {
    assert.throws(() => encryptPrivateKey(key, 'x', passwordCryptography, { kdf: 'scrypt', cost }), TypeError);
  }
});
