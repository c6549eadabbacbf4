import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatBytes,
  DerReader,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  tags,
} from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import {
  algorithmFits,
  encodeSignatureAlgorithm,
  isKeyType,
  isKnownAlgorithm,
  isOutdated,
  ownSignatureAlgorithm,
  type PublicKeyInfo,
  type PublicKeyType,
  readPublicKeyInfo,
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
} from './algorithms.ts';

const algorithms: readonly SignatureAlgorithm[] = [
  'ecdsa-with-SHA256',
  'ecdsa-with-SHA384',
  'ecdsa-with-SHA512',
  'Ed25519',
  'sha256WithRSAEncryption',
  'sha384WithRSAEncryption',
  'sha512WithRSAEncryption',
  'RSASSA-PSS-SHA256',
  'RSASSA-PSS-SHA384',
  'RSASSA-PSS-SHA512',
  'ML-DSA-44',
  'ML-DSA-65',
  'ML-DSA-87',
  'sha1WithRSAEncryption',
  'ecdsa-with-SHA1',
  'dsa-with-SHA1',
  'dsa-with-SHA256',
];

const nothing = encodeElement(tags.null, new Uint8Array());
const none: Uint8Array = new Uint8Array();

/** Read to the end. */
function read<T>(der: Uint8Array, reading: (reader: DerReader) => T): T {
  const reader = DerReader.over(der);
  const found = reading(reader);
  reader.finish();
  return found;
}

const algorithmOf = (der: Uint8Array): string => read(der, readSignatureAlgorithm);
const keyFrom = (...parts: Uint8Array[]): PublicKeyInfo => read(encodeSequence(...parts), readPublicKeyInfo);

/** Asserts that DER is refused, by a rule that is named. */
function malformed(act: () => unknown, rule: RegExp): void {
  assert.throws(act, (error) => {
    assert.ok(isRefusal(error), String(error));
    assert.equal(error.code, 'CS-DER-001');
    assert.match(error.message, rule);
    return true;
  });
}

test('each signature algorithm comes back from its encoding', () => {
  for (const algorithm of algorithms) assert.equal(algorithmOf(encodeSignatureAlgorithm(algorithm)), algorithm);
  assert.throws(() => encodeSignatureAlgorithm('oid 1.2.3' as SignatureAlgorithm), TypeError);
});

test('the encodings are those of the standards', () => {
  const hex = (algorithm: SignatureAlgorithm): string =>
    Buffer.from(encodeSignatureAlgorithm(algorithm)).toString('hex');
  assert.equal(hex('ecdsa-with-SHA512'), '300a06082a8648ce3d040304');
  assert.equal(hex('Ed25519'), '300506032b6570');
  assert.equal(hex('sha256WithRSAEncryption'), '300d06092a864886f70d01010b0500');
  assert.equal(hex('ML-DSA-65'), '300b0609608648016503040312');
  assert.equal(
    hex('RSASSA-PSS-SHA256'),
    '304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120',
  );
});

test('parameters: NULL or absent for RSA with PKCS#1 padding, absent for the others', () => {
  const oidOf = (algorithm: SignatureAlgorithm): Uint8Array =>
    DerReader.over(encodeSignatureAlgorithm(algorithm)).enter(tags.sequence).element();
  for (const algorithm of algorithms) {
    if (algorithm.startsWith('RSASSA')) continue;
    const oid = oidOf(algorithm);
    assert.equal(algorithmOf(encodeSequence(oid)), algorithm);
    if (algorithm.endsWith('WithRSAEncryption')) {
      assert.equal(algorithmOf(encodeSequence(oid, nothing)), algorithm);
      malformed(() => algorithmOf(encodeSequence(oid, Uint8Array.of(5, 1, 0))), /NULL with contents/);
      malformed(() => algorithmOf(encodeSequence(oid, encodeSequence())), /./);
      malformed(() => algorithmOf(encodeSequence(oid, nothing, nothing)), /./);
    } else malformed(() => algorithmOf(encodeSequence(oid, nothing)), /./);
  }
});

test('an algorithm that nobody knows is answered by its identifier, with at most one element of parameters', () => {
  for (const oid of [
    '1.2.840.113549.1.1.4',
    '1.2.840.113549.1.1.14',
    '1.3.101.113',
    '2.16.840.1.101.3.4.3.20',
    '1.2.840.113549.1.1.1',
  ]) {
    for (const parameters of [[], [nothing], [encodeSequence(nothing, nothing)]]) {
      assert.equal(algorithmOf(encodeSequence(encodeOid(oid), ...parameters)), `oid ${oid}`);
    }
    malformed(() => algorithmOf(encodeSequence(encodeOid(oid), nothing, nothing)), /./);
  }
});

const pss = '1.2.840.113549.1.1.10';
const [sha256, sha384] = ['2.16.840.1.101.3.4.2.1', '2.16.840.1.101.3.4.2.2'];

interface PssParts {
  readonly hash?: string;
  readonly mask?: string;
  readonly salt?: number;
  /** The parameters of the two hashes. */
  readonly nulls?: readonly Uint8Array[];
  readonly mgf?: string;
  readonly more?: Uint8Array;
}

function pssWith(parts: PssParts): Uint8Array {
  const { hash = sha256, salt = 32, nulls = [nothing, nothing], mgf = '1.2.840.113549.1.1.8', more = none } = parts;
  const { mask = hash } = parts;
  const digest = (oid: string, parameters: Uint8Array | undefined): Uint8Array =>
    encodeSequence(encodeOid(oid), parameters ?? none);
  return encodeSequence(
    encodeOid(pss),
    encodeSequence(
      encodeExplicit(0, digest(hash, nulls[0])),
      encodeExplicit(1, encodeSequence(encodeOid(mgf), digest(mask, nulls[1]))),
      encodeExplicit(2, encodeInteger(salt)),
      more,
    ),
  );
}

test('RSASSA-PSS: one hash for both, its salt as long; any other is known to nobody', () => {
  assert.equal(algorithmOf(pssWith({})), 'RSASSA-PSS-SHA256');
  assert.equal(algorithmOf(pssWith({ nulls: [] })), 'RSASSA-PSS-SHA256');
  assert.equal(algorithmOf(pssWith({ hash: sha384, salt: 48 })), 'RSASSA-PSS-SHA384');
  const unknown = [
    pssWith({ salt: 20 }),
    pssWith({ salt: 0 }),
    pssWith({ salt: 64 }),
    pssWith({ salt: 48 }),
    pssWith({ hash: sha384 }),
    pssWith({ mask: sha384 }),
    pssWith({ hash: sha384, mask: sha256, salt: 48 }),
    pssWith({ hash: '1.3.14.3.2.26', salt: 20 }),
    pssWith({ mgf: '1.2.3' }),
    pssWith({ nulls: [nothing] }),
    pssWith({ nulls: [none, nothing] }),
    pssWith({ more: encodeExplicit(3, encodeInteger(2)) }),
    encodeSequence(encodeOid(pss)),
    encodeSequence(encodeOid(pss), nothing),
    // Every default: SHA-1, and a salt of 20 octets.
    encodeSequence(encodeOid(pss), encodeSequence()),
  ];
  for (const der of unknown) assert.equal(algorithmOf(der), `oid ${pss}`);
  malformed(() => algorithmOf(encodeSequence(encodeOid(pss), encodeSequence(), nothing)), /./);
});

const ec = encodeOid('1.2.840.10045.2.1');

test('elliptic curve keys: the three curves, by name, their points uncompressed and of their length', () => {
  const curves = [
    ['P-256', '1.2.840.10045.3.1.7', 256, 65],
    ['P-384', '1.3.132.0.34', 384, 97],
    ['P-521', '1.3.132.0.35', 521, 133],
  ] as const;
  for (const [type, oid, bits, octets] of curves) {
    const key = (length: number, form: number): PublicKeyInfo =>
      keyFrom(encodeSequence(ec, encodeOid(oid)), encodeBitString(new Uint8Array(length).fill(form, 0, 1)));
    const found = key(octets, 4);
    assert.deepEqual([found.type, found.bits, found.oid, found.key.length], [type, bits, '1.2.840.10045.2.1', octets]);
    for (const [length, form] of [
      [octets - 1, 4],
      [octets + 1, 4],
      [octets, 2],
      [octets, 6],
      [0, 4],
    ] as const) {
      malformed(() => key(length, form), /point not uncompressed, or of a wrong length/);
    }
    malformed(() => key((octets + 1) / 2, 2), /point not uncompressed/);
    malformed(
      () => keyFrom(encodeSequence(ec, encodeOid(oid), nothing), encodeBitString(new Uint8Array(octets).fill(4, 0, 1))),
      /./,
    );
  }
  // Another curve, one by its parameters, an implicit one, and none: read, and known to nobody.
  for (const parameters of [encodeOid('1.3.132.0.10'), encodeSequence(encodeInteger(1)), nothing, none]) {
    assert.equal(keyFrom(encodeSequence(ec, parameters), encodeBitString(Uint8Array.of(4))).type, 'other');
  }
});

test('Ed25519 and ML-DSA keys: without parameters, of one length', () => {
  const types = [
    ['Ed25519', '1.3.101.112', 32],
    ['ML-DSA-44', '2.16.840.1.101.3.4.3.17', 1312],
    ['ML-DSA-65', '2.16.840.1.101.3.4.3.18', 1952],
    ['ML-DSA-87', '2.16.840.1.101.3.4.3.19', 2592],
  ] as const;
  for (const [type, oid, octets] of types) {
    const key = (length: number, ...parameters: Uint8Array[]): PublicKeyInfo =>
      keyFrom(encodeSequence(encodeOid(oid), ...parameters), encodeBitString(new Uint8Array(length)));
    const { bits, type: found } = key(octets);
    assert.deepEqual([found, bits], [type, 0]);
    for (const length of [0, octets - 1, octets + 1])
      malformed(() => key(length), new RegExp(`${type} key of other than ${octets} octets`));
    malformed(() => key(octets, nothing), /./);
  }
});

function rsa(
  modulus: Uint8Array | number,
  exponent: Uint8Array | number,
  { parameters = nothing, oid = '1.2.840.113549.1.1.1', more = none, after = none } = {},
): PublicKeyInfo {
  const key = concatBytes([encodeSequence(encodeInteger(modulus), encodeInteger(exponent), more), after]);
  return keyFrom(encodeSequence(encodeOid(oid), parameters), encodeBitString(key));
}

/** An odd number of so many bits. */
function odd(bits: number): Uint8Array {
  const octets = new Uint8Array(Math.ceil(bits / 8));
  octets[0] = 1 << ((bits - 1) % 8);
  octets[octets.length - 1] = (octets.at(-1) ?? 0) | 1;
  return octets;
}

test('RSA keys: NULL parameters, an odd modulus, an odd exponent above 1; bits of the modulus to the bit', () => {
  for (const bits of [1023, 1024, 2047, 2048, 2049, 3072, 16_384]) {
    const padded = bits % 8 === 0 ? Uint8Array.of(0, ...odd(bits)) : odd(bits);
    const key = keyFrom(
      encodeSequence(encodeOid('1.2.840.113549.1.1.1'), nothing),
      encodeBitString(encodeSequence(encodeElement(tags.integer, padded), encodeInteger(65_537))),
    );
    assert.deepEqual([key.type, key.bits], ['RSA', bits]);
  }
  assert.equal(rsa(odd(2047), 3).type, 'RSA');
  malformed(() => rsa(odd(2047), 1), /RSA exponent 1/);
  malformed(() => rsa(odd(2047), 4), /RSA exponent that is negative or even/);
  malformed(() => rsa(odd(2047).fill(2, -1), 3), /RSA modulus that is negative or even/);
  const negative = encodeElement(tags.integer, odd(2048));
  const raw = (key: Uint8Array) => (): PublicKeyInfo =>
    keyFrom(encodeSequence(encodeOid('1.2.840.113549.1.1.1'), nothing), encodeBitString(key));
  malformed(raw(encodeSequence(negative, encodeInteger(3))), /RSA modulus that is negative or even/);
  malformed(
    raw(encodeSequence(encodeInteger(odd(2047)), encodeElement(tags.integer, Uint8Array.of(0x81)))),
    /RSA exponent that is negative/,
  );
  malformed(() => rsa(odd(2047), 3, { more: encodeInteger(3) }), /./);
  malformed(() => rsa(odd(2047), 3, { after: nothing }), /./);
  malformed(() => rsa(odd(2047), 3, { parameters: none }), /./);
  malformed(() => rsa(odd(2047), 3, { parameters: encodeSequence() }), /./);
  malformed(() => rsa(odd(2047), 3, { parameters: concatBytes([nothing, nothing]) }), /./);
});

test('keys for RSASSA-PSS alone, of DSA, and of unknown kinds are read with whatever parameters', () => {
  for (const parameters of [none, nothing, encodeSequence()]) {
    const { type, bits, oid } = rsa(odd(2047), 3, { oid: pss, parameters });
    assert.deepEqual([type, bits, oid], ['RSA-PSS', 2047, pss]);
    for (const [oid, expected] of [
      ['1.2.840.10040.4.1', 'DSA'],
      ['1.3.101.113', 'other'],
      ['1.2.3', 'other'],
    ] as const) {
      const key = keyFrom(encodeSequence(encodeOid(oid), parameters), encodeBitString(Uint8Array.of(1)));
      assert.deepEqual([key.type, key.bits, key.oid], [expected, 0, oid]);
    }
  }
  const two = concatBytes([nothing, nothing]);
  for (const oid of [pss, '1.2.840.10040.4.1', '1.2.3'])
    malformed(() => rsa(odd(2047), 3, { oid, parameters: two }), /./);
});

test('a key keeps its bytes, whole and by themselves, and nothing may follow them', () => {
  const algorithm = encodeSequence(encodeOid('1.3.101.112'));
  const der = encodeSequence(algorithm, encodeBitString(new Uint8Array(32).fill(7)));
  const { raw, key } = read(der, readPublicKeyInfo);
  assert.deepEqual([...raw], [...der]);
  assert.deepEqual([...key], Array<number>(32).fill(7));
  malformed(() => keyFrom(algorithm, encodeBitString(new Uint8Array(32)), nothing), /./);
  malformed(() => keyFrom(algorithm, encodeOctetString(new Uint8Array(32))), /./);
});

test('signatures: of one length where the algorithm has one, a pair of positive numbers in DER for (EC)DSA', () => {
  const signature = (algorithm: SignatureAlgorithm | `oid ${string}`, octets: Uint8Array): Uint8Array =>
    read(encodeBitString(octets), (reader) => readSignature(reader, algorithm));
  for (const [algorithm, length] of [
    ['Ed25519', 64],
    ['ML-DSA-44', 2420],
    ['ML-DSA-65', 3309],
    ['ML-DSA-87', 4627],
  ] as const) {
    assert.equal(signature(algorithm, new Uint8Array(length)).length, length);
    for (const other of [0, length - 1, length + 1])
      malformed(() => signature(algorithm, new Uint8Array(other)), /signature of other than/);
  }
  const pair = (r: Uint8Array, s: Uint8Array, ...more: Uint8Array[]): Uint8Array => encodeSequence(r, s, ...more);
  const [one, negative] = [encodeInteger(1), encodeElement(tags.integer, Uint8Array.of(0x80))];
  for (const algorithm of [
    'ecdsa-with-SHA256',
    'ecdsa-with-SHA384',
    'ecdsa-with-SHA512',
    'ecdsa-with-SHA1',
    'dsa-with-SHA1',
    'dsa-with-SHA256',
  ] as const) {
    assert.deepEqual(signature(algorithm, pair(one, one)), pair(one, one));
    malformed(() => signature(algorithm, pair(negative, one)), /negative r/);
    malformed(() => signature(algorithm, pair(one, negative)), /negative s/);
    malformed(() => signature(algorithm, pair(one, one, one)), /./);
    malformed(() => signature(algorithm, concatBytes([pair(one, one), nothing])), /./);
    malformed(() => signature(algorithm, encodeSequence(one)), /./);
    malformed(
      () => signature(algorithm, encodeSequence(one, encodeElement(tags.integer, Uint8Array.of(0, 1)))),
      /shortest/,
    );
    malformed(() => signature(algorithm, new Uint8Array(64)), /./);
  }
  // Of the others nothing is known before the key is.
  for (const algorithm of ['sha256WithRSAEncryption', 'RSASSA-PSS-SHA256', 'oid 1.2.3'] as const) {
    assert.equal(signature(algorithm, new Uint8Array(5)).length, 5);
  }
});

test('which keys can have made which signatures', () => {
  const types: readonly PublicKeyType[] = [
    'P-256',
    'P-384',
    'P-521',
    'Ed25519',
    'RSA',
    'RSA-PSS',
    'DSA',
    'ML-DSA-44',
    'ML-DSA-65',
    'ML-DSA-87',
    'other',
  ];
  const fitting = (algorithm: SignatureAlgorithm | `oid ${string}`): string =>
    types.filter((type) => algorithmFits(algorithm, type)).join(' ');
  for (const algorithm of algorithms) {
    const expected = algorithm.startsWith('ecdsa')
      ? 'P-256 P-384 P-521'
      : algorithm.startsWith('dsa')
        ? 'DSA'
        : algorithm.startsWith('RSASSA')
          ? 'RSA RSA-PSS'
          : algorithm.endsWith('RSAEncryption')
            ? 'RSA'
            : algorithm;
    assert.equal(fitting(algorithm), expected, algorithm);
  }
  assert.equal(fitting('oid 1.2.3'), '');
});

test('our own keys sign with one sound algorithm each, which fits them', () => {
  for (const type of ['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
    assert.ok(isKeyType(type));
    assert.ok(algorithmFits(ownSignatureAlgorithm(type), type));
    assert.ok(!isOutdated(ownSignatureAlgorithm(type)));
  }
  for (const type of ['RSA-PSS', 'DSA', 'other'] as const) assert.ok(!isKeyType(type));
});

test('what is outdated, and what is known', () => {
  assert.deepEqual(algorithms.filter(isOutdated), [
    'sha1WithRSAEncryption',
    'ecdsa-with-SHA1',
    'dsa-with-SHA1',
    'dsa-with-SHA256',
  ]);
  assert.ok(algorithms.every(isKnownAlgorithm));
  assert.ok(!isKnownAlgorithm('oid 1.2.3'));
});
