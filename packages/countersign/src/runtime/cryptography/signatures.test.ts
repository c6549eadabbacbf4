import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { DerReader } from '../../ground/encoding/index.ts';
import {
  encodeSigned,
  type PublicKeyInfo,
  readPublicKeyInfo,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
} from '../../identity/x509/index.ts';
import { generatePrivateKey, verifySignature, verifySignatureAside } from './index.ts';

const message = new TextEncoder().encode('message');
const other = new TextEncoder().encode('massage');

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKeyInfo;
}

function pairOf({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }): Pair {
  const der = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
  return { privateKey, publicKey: readPublicKeyInfo(DerReader.over(der)) };
}

/** Made by node:crypto with its own names for things, not with ours. */
function signWith(
  digest: string | null,
  key: KeyObject,
  options: { padding?: number; saltLength?: number } = {},
): Uint8Array {
  return new Uint8Array(sign(digest, message, { key, ...options }));
}

/** That the signature verifies as what it is, over what it is of, and as nothing else. */
function verifiesOnlyAs(
  algorithm: SignatureAlgorithm,
  { publicKey }: Pair,
  signature: Uint8Array,
  wrong: readonly SignatureAlgorithm[],
): void {
  assert.equal(verifySignature(publicKey, algorithm, message, signature), true, algorithm);
  assert.equal(verifySignature(publicKey, algorithm, other, signature), false, algorithm);
  for (const at of [0, signature.length >> 1, signature.length - 1]) {
    const damaged = signature.with(at, (signature[at] ?? 0) ^ 1);
    assert.equal(verifySignature(publicKey, algorithm, message, damaged), false, `${algorithm} at ${at}`);
  }
  assert.equal(verifySignature(publicKey, algorithm, message, signature.subarray(1)), false);
  for (const one of wrong)
    assert.equal(verifySignature(publicKey, one, message, signature), false, `${algorithm} as ${one}`);
  // The identifier in a certificate says the same.
  const signed = DerReader.over(encodeSigned(Uint8Array.of(0x30, 0), algorithm, signature)).enter(0x30);
  signed.element();
  assert.equal(readSignatureAlgorithm(signed), algorithm);
}

const rsa = pairOf(generateKeyPairSync('rsa', { modulusLength: 2048 }));
const hashes = [
  ['sha256', 'sha256WithRSAEncryption', 'RSASSA-PSS-SHA256', 32],
  ['sha384', 'sha384WithRSAEncryption', 'RSASSA-PSS-SHA384', 48],
  ['sha512', 'sha512WithRSAEncryption', 'RSASSA-PSS-SHA512', 64],
] as const;
const { RSA_PKCS1_PSS_PADDING: padding } = constants;

test('RSA: PKCS#1 padding and PSS with each hash, neither taken for the other', () => {
  const all = hashes.flatMap(([, pkcs1, pss]) => [pkcs1, pss] as const);
  for (const [digest, pkcs1, pss, saltLength] of hashes) {
    const others = (one: SignatureAlgorithm): SignatureAlgorithm[] => [
      ...all.filter((each) => each !== one),
      'ecdsa-with-SHA256',
      'Ed25519',
    ];
    verifiesOnlyAs(pkcs1, rsa, signWith(digest, rsa.privateKey), others(pkcs1));
    verifiesOnlyAs(pss, rsa, signWith(digest, rsa.privateKey, { padding, saltLength }), others(pss));
  }
  assert.equal(
    verifySignature(rsa.publicKey, 'sha1WithRSAEncryption', message, signWith('sha1', rsa.privateKey)),
    true,
  );
});

test('RSASSA-PSS with a salt of another length does not verify', () => {
  for (const saltLength of [0, 20, 31, 33, 64]) {
    const signature = signWith('sha256', rsa.privateKey, { padding, saltLength });
    assert.equal(verifySignature(rsa.publicKey, 'RSASSA-PSS-SHA256', message, signature), false, `${saltLength}`);
  }
});

test('a key for RSASSA-PSS alone verifies nothing else, and keeps to its own hash', () => {
  const options = { modulusLength: 2048, hashAlgorithm: 'sha384', mgf1HashAlgorithm: 'sha384', saltLength: 48 };
  // The types know this kind with encodings alone.
  const own = pairOf(generateKeyPairSync('rsa-pss' as 'rsa', options));
  assert.equal(own.publicKey.type, 'RSA-PSS');
  const signature = signWith('sha384', own.privateKey, { padding, saltLength: 48 });
  verifiesOnlyAs('RSASSA-PSS-SHA384', own, signature, [
    'RSASSA-PSS-SHA256',
    'RSASSA-PSS-SHA512',
    'sha384WithRSAEncryption',
  ]);
});

test('ECDSA: each curve with each hash, in DER', () => {
  for (const namedCurve of ['P-256', 'P-384', 'P-521'] as const) {
    const pair = pairOf(generateKeyPairSync('ec', { namedCurve }));
    assert.equal(pair.publicKey.type, namedCurve);
    for (const [digest, algorithm] of [
      ['sha256', 'ecdsa-with-SHA256'],
      ['sha384', 'ecdsa-with-SHA384'],
      ['sha512', 'ecdsa-with-SHA512'],
      ['sha1', 'ecdsa-with-SHA1'],
    ] as const) {
      const wrong = (
        ['ecdsa-with-SHA256', 'ecdsa-with-SHA384', 'ecdsa-with-SHA512', 'Ed25519', 'RSASSA-PSS-SHA256'] as const
      ).filter((one) => one !== algorithm);
      verifiesOnlyAs(algorithm, pair, signWith(digest, pair.privateKey), wrong);
    }
    const raw = new Uint8Array(sign('sha256', message, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }));
    assert.equal(verifySignature(pair.publicKey, 'ecdsa-with-SHA256', message, raw), false);
  }
});

test('Ed25519, and no S above the order of its group', () => {
  const pair = pairOf(generateKeyPairSync('ed25519'));
  const signature = signWith(null, pair.privateKey);
  verifiesOnlyAs('Ed25519', pair, signature, ['ecdsa-with-SHA256', 'ML-DSA-44']);
  // S plus the order verifies where nobody looks (RFC 8032, 5.1.7).
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const little = signature.slice(32).reduceRight((sum, octet) => sum * 256n + BigInt(octet), 0n) + order;
  const malleable = Uint8Array.from(signature);
  for (let at = 0; at < 32; at++) malleable[32 + at] = Number((little >> BigInt(8 * at)) & 0xffn);
  assert.equal(verifySignature(pair.publicKey, 'Ed25519', message, malleable), false);
});

test('DSA, where a caller asks for it', () => {
  // 1024 bits: larger parameters take seconds.
  const pair = pairOf(generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }));
  assert.equal(pair.publicKey.type, 'DSA');
  verifiesOnlyAs('dsa-with-SHA256', pair, signWith('sha256', pair.privateKey), ['dsa-with-SHA1', 'ecdsa-with-SHA256']);
  verifiesOnlyAs('dsa-with-SHA1', pair, signWith('sha1', pair.privateKey), ['dsa-with-SHA256', 'ecdsa-with-SHA1']);
});

function makesMlDsa(): boolean {
  try {
    generateKeyPairSync('ml-dsa-44');
    return true;
  } catch {
    return false;
  }
}

test('ML-DSA in its three sizes', { skip: makesMlDsa() ? false : 'this runtime has no ML-DSA' }, () => {
  for (const [name, algorithm, octets] of [
    ['ml-dsa-44', 'ML-DSA-44', 2420],
    ['ml-dsa-65', 'ML-DSA-65', 3309],
    ['ml-dsa-87', 'ML-DSA-87', 4627],
  ] as const) {
    // The names of the kinds are typed one by one.
    const pair = pairOf(generateKeyPairSync(name as 'ml-dsa-44'));
    assert.equal(pair.publicKey.type, algorithm);
    const signature = signWith(null, pair.privateKey);
    assert.equal(signature.length, octets);
    const wrong = (['ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87', 'Ed25519'] as const).filter((one) => one !== algorithm);
    verifiesOnlyAs(algorithm, pair, signature, wrong);
    const own = generatePrivateKey(algorithm);
    assert.equal(verifySignature(own.publicKey, own.signatureAlgorithm, message, own.sign(message)), true);
    assert.equal(verifySignature(pair.publicKey, own.signatureAlgorithm, message, own.sign(message)), false);
  }
});

test('our own RSA keys sign what verifies', () => {
  const own = generatePrivateKey('RSA');
  assert.deepEqual(
    [own.publicKey.type, own.publicKey.bits, own.signatureAlgorithm],
    ['RSA', 3072, 'sha256WithRSAEncryption'],
  );
  assert.equal(verifySignature(own.publicKey, own.signatureAlgorithm, message, own.sign(message)), true);
  assert.equal(verifySignature(rsa.publicKey, own.signatureAlgorithm, message, own.sign(message)), false);
});

test('what is verified on another thread comes out the same', async () => {
  const edwards = pairOf(generateKeyPairSync('ed25519'));
  const cases = [
    ['RSASSA-PSS-SHA256', rsa, signWith('sha256', rsa.privateKey, { padding, saltLength: 32 })],
    ['sha512WithRSAEncryption', rsa, signWith('sha512', rsa.privateKey)],
    ['Ed25519', edwards, signWith(null, edwards.privateKey)],
  ] as const;
  for (const [algorithm, { publicKey }, signature] of cases) {
    assert.equal(await verifySignatureAside(publicKey, algorithm, message, signature), true, algorithm);
    assert.equal(await verifySignatureAside(publicKey, algorithm, other, signature), false, algorithm);
    assert.equal(await verifySignatureAside(publicKey, algorithm, message, new Uint8Array()), false, algorithm);
    assert.equal(await verifySignatureAside(publicKey, 'ecdsa-with-SHA256', message, signature), false, algorithm);
  }
  const [, { publicKey }, signature] = cases[0];
  const broken = { ...publicKey, raw: publicKey.raw.subarray(0, -1) };
  assert.equal(await verifySignatureAside(broken, 'RSASSA-PSS-SHA256', message, signature), false);
});
