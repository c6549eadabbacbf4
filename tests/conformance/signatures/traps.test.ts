/** The ways in which signatures were verified too laxly elsewhere, each in a certificate of its own: all of them are refused, and the honest one is taken. */
import assert from 'node:assert/strict';
import { constants, createHash, privateEncrypt, sign } from 'node:crypto';
import { describe, test } from 'node:test';
import { Refusal } from '../../../packages/countersign/src/ground/errors/index.ts';
import { parseCertificate, validatePath } from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';
import { concatBytes, fromHex, toHex } from '../../../packages/countersign/src/ground/encoding/index.ts';
import {
  encodePlanned,
  type PlannedAlgorithm,
  type PlannedKey,
  plannedKey,
  type PlannedKeyType,
  plannedName,
} from '../../fixtures/planned-certificates.ts';
import { seededRandom } from '../../fixtures/random.ts';

const random = seededRandom(20_260_601);
const moment = Date.UTC(2026, 5, 1, 12);
const dayMs = 86_400_000;

/** What was signed and the honest signature over it make the one to be tried. */
type Forge = (signed: Uint8Array, honest: Uint8Array) => Uint8Array;

interface Trap {
  readonly signer: PlannedKey;
  readonly algorithm: PlannedAlgorithm;
  /** The key of the anchor, where it is not the signer's. */
  readonly anchorKey?: PlannedKey;
  readonly forge: Forge;
}

/** The refusal's code, or `undefined` where the path is valid. */
function codeOf({ signer, algorithm, anchorKey = signer, forge }: Trap): string | undefined {
  const names = { anchor: plannedName(['2.5.4.3', 'Anchor']), leaf: plannedName(['2.5.4.3', 'Leaf']) };
  const common = { notBefore: moment - dayMs, notAfter: moment + dayMs };
  const ownAlgorithm = {
    'P-256': 'ecdsa-sha256',
    'P-384': 'ecdsa-sha384',
    Ed25519: 'ed25519',
    RSA: 'rsa-sha256',
  } as const;
  const anchor = encodePlanned({
    ...common,
    key: anchorKey,
    signer: anchorKey,
    algorithm: ownAlgorithm[anchorKey.type],
    serialNumber: Uint8Array.of(1),
    issuer: names.anchor,
    subject: names.anchor,
    ca: true,
  });
  let signed: Uint8Array = new Uint8Array();
  const leaf = encodePlanned({
    ...common,
    key: signer,
    signer,
    algorithm,
    serialNumber: Uint8Array.of(2),
    issuer: names.anchor,
    subject: names.leaf,
    keyUsage: ['digitalSignature'],
    changeTbs: (tbs) => (signed = Uint8Array.from(tbs)),
    changeSignature: (honest) => forge(signed, honest),
  });
  try {
    validatePath({
      leaf: parseCertificate(leaf),
      intermediates: [],
      anchors: [parseCertificate(anchor)],
      at: moment,
      purpose: 'client',
      verifySignature,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return String(error.code);
  }
}

const key = (type: PlannedKeyType): PlannedKey => plannedKey(type, random);

/** Where it does not decode, or where it does not verify. */
const refused = /^CS-(?:DER-\d+|X509-00[12]|PATH-00[49])$/;

function traps(signer: PlannedKey, algorithm: PlannedAlgorithm, forgeries: Readonly<Record<string, Forge>>): void {
  test('the honest signature is taken', () => {
    assert.equal(codeOf({ signer, algorithm, forge: (_, honest) => honest }), undefined);
  });
  for (const [name, forge] of Object.entries(forgeries)) {
    test(`refused: ${name}`, () => assert.match(codeOf({ signer, algorithm, forge }) ?? 'taken', refused));
  }
}

const numberOf = (octets: Uint8Array): bigint => BigInt(`0x${toHex(octets)}`);
const octetsOf = (value: bigint, length: number): Uint8Array => fromHex(value.toString(16).padStart(2 * length, '0'))!;

describe('Ed25519', () => {
  /** RFC 8032, 5.1: the order of the base point. */
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const withS =
    (change: (s: bigint) => bigint): Forge =>
    (_, honest) => {
      const s = numberOf(honest.slice(32).reverse());
      return concatBytes([honest.subarray(0, 32), octetsOf(change(s), 32).reverse()]);
    };
  traps(key('Ed25519'), 'ed25519', {
    'S + L (RFC 8032, 5.1.7; CVE-2026-33895)': withS((s) => s + order),
    'S + 2 L': withS((s) => s + 2n * order),
    'S of zero': withS(() => 0n),
    'S = L': withS(() => order),
    'all of S set': withS(() => 2n ** 256n - 1n),
    'all zero': () => new Uint8Array(64),
    'R the neutral element, S zero': () => new Uint8Array(64).with(0, 1),
    'an octet behind': (_, honest) => concatBytes([honest, Uint8Array.of(0)]),
    'an octet missing': (_, honest) => honest.subarray(0, 63),
    nothing: () => new Uint8Array(),
  });
});

/** INTEGER with these contents, whatever they are. */
const integer = (contents: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(2, contents.length), contents]);
const pair = (...integers: readonly Uint8Array[]): Uint8Array => {
  const contents = concatBytes(integers);
  return concatBytes([Uint8Array.of(0x30, contents.length), contents]);
};

/** r and s of an ECDSA signature whose lengths are short ones. */
function read(signature: Uint8Array): { r: Uint8Array; s: Uint8Array } {
  const lengthOfR = signature[3]!;
  return { r: signature.slice(4, 4 + lengthOfR), s: signature.slice(6 + lengthOfR) };
}

/** Contents of the one right INTEGER. */
function minimal(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const octets = fromHex(hex.padStart(hex.length + (hex.length % 2), '0'))!;
  return octets[0]! >= 0x80 ? concatBytes([Uint8Array.of(0), octets]) : octets;
}

for (const [type, algorithm, orderHex] of [
  ['P-256', 'ecdsa-sha256', 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'],
  [
    'P-384',
    'ecdsa-sha384',
    'ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
  ],
] as const) {
  describe(`ECDSA, ${type}`, () => {
    const order = BigInt(`0x${orderHex}`);
    const with_ =
      (change: (r: Uint8Array, s: Uint8Array) => readonly Uint8Array[]): Forge =>
      (_, honest) => {
        const { r, s } = read(honest);
        return pair(...change(r, s));
      };
    const plus = (octets: Uint8Array, more: bigint): Uint8Array => integer(minimal(numberOf(octets) + more));
    const zero = Uint8Array.of(0);
    traps(key(type), algorithm, {
      'r with a zero before it': with_((r, s) => [integer(concatBytes([zero, r])), integer(s)]),
      's with a zero before it': with_((r, s) => [integer(r), integer(concatBytes([zero, s]))]),
      'a negative r': with_((r, s) => [integer(Uint8Array.of(0xff, ...r)), integer(s)]),
      'a negative s': with_((r, s) => [integer(r), integer(Uint8Array.of(0xff, ...s))]),
      'r of zero': with_((_, s) => [integer(zero), integer(s)]),
      's of zero': with_((r) => [integer(r), integer(zero)]),
      'r and s of zero': with_(() => [integer(zero), integer(zero)]),
      'r = n': with_((_, s) => [integer(minimal(order)), integer(s)]),
      's = n': with_((r) => [integer(r), integer(minimal(order))]),
      'r + n': with_((r, s) => [plus(r, order), integer(s)]),
      's + n': with_((r, s) => [integer(r), plus(s, order)]),
      'empty INTEGERs': with_(() => [integer(new Uint8Array()), integer(new Uint8Array())]),
      'a third INTEGER': with_((r, s) => [integer(r), integer(s), integer(zero)]),
      'r alone': with_((r) => [integer(r)]),
      'the length of the SEQUENCE in the long form': (_, honest) =>
        concatBytes([Uint8Array.of(0x30, 0x81, honest[1]!), honest.subarray(2)]),
      'the length of the SEQUENCE in three octets': (_, honest) =>
        concatBytes([Uint8Array.of(0x30, 0x82, 0, honest[1]!), honest.subarray(2)]),
      'the length of r in the long form': with_((r, s) => [
        concatBytes([Uint8Array.of(2, 0x81, r.length), r]),
        integer(s),
      ]),
      'an indefinite length': (_, honest) =>
        concatBytes([Uint8Array.of(0x30, 0x80), honest.subarray(2), Uint8Array.of(0, 0)]),
      'octets behind the SEQUENCE': (_, honest) => concatBytes([honest, Uint8Array.of(5, 0)]),
      'a SET': (_, honest) => honest.with(0, 0x31),
      'r and s side by side (IEEE P1363)': (_, honest) => {
        const { r, s } = read(honest);
        const size = type === 'P-256' ? 32 : 48;
        return concatBytes([octetsOf(numberOf(r), size), octetsOf(numberOf(s), size)]);
      },
      nothing: () => new Uint8Array(),
    });
  });
}

describe('RSA, PKCS#1 version 1.5', () => {
  const signer = key('RSA');
  const octets = 256;
  /** DigestInfo of SHA-256 (RFC 8017, 9.2, note 1). */
  const prefix = fromHex('3031300d060960864801650304020105000420')!;
  const withoutNull = fromHex('302f300b0609608648016503040201' + '0420')!;
  const digest = (signed: Uint8Array, name = 'sha256'): Uint8Array =>
    new Uint8Array(createHash(name).update(signed).digest());
  const sealed = (encoded: Uint8Array): Uint8Array =>
    new Uint8Array(privateEncrypt({ key: signer.key, padding: constants.RSA_NO_PADDING }, encoded));
  const padded = (info: Uint8Array, behind: Uint8Array = new Uint8Array(), kind = 1, filler = 0xff): Uint8Array => {
    const filling = new Uint8Array(octets - 3 - info.length - behind.length).fill(filler);
    return sealed(concatBytes([Uint8Array.of(0, kind), filling, Uint8Array.of(0), info, behind]));
  };
  const info = (signed: Uint8Array): Uint8Array => concatBytes([prefix, digest(signed)]);
  test('the forger makes the honest signature, too', () => {
    assert.equal(codeOf({ signer, algorithm: 'rsa-sha256', forge: (signed) => padded(info(signed)) }), undefined);
  });
  traps(signer, 'rsa-sha256', {
    'garbage behind the hash (CVE-2026-33896)': (signed) => {
      const garbage = random.bytes(190);
      const short = new Uint8Array(octets - 3 - 51 - 190).fill(0xff);
      return sealed(concatBytes([Uint8Array.of(0, 1), short, Uint8Array.of(0), info(signed), garbage]));
    },
    'an octet behind the hash': (signed) => padded(info(signed), Uint8Array.of(0)),
    'no NULL': (signed) => padded(concatBytes([withoutNull, digest(signed)])),
    'a DigestInfo with its length in the long form': (signed) =>
      padded(concatBytes([Uint8Array.of(0x30, 0x81, 0x31), prefix.subarray(2), digest(signed)])),
    'garbage in the parameters of the hash (CVE-2022-24771)': (signed) => {
      const parameters = Uint8Array.of(4, 8, 1, 2, 3, 4, 5, 6, 7, 8);
      const algorithm = concatBytes([Uint8Array.of(0x30, 11 + parameters.length), prefix.subarray(4, 15), parameters]);
      const inside = concatBytes([algorithm, Uint8Array.of(4, 32), digest(signed)]);
      return padded(concatBytes([Uint8Array.of(0x30, inside.length), inside]));
    },
    'no DigestInfo': (signed) => padded(digest(signed)),
    'another hash than the algorithm says': (signed) => {
      const sha512 = fromHex('3051300d060960864801650304020305000440')!;
      return padded(concatBytes([sha512, digest(signed, 'sha512')]));
    },
    'block type 2': (signed) => padded(info(signed), undefined, 2),
    'block type 0': (signed) => padded(info(signed), undefined, 0),
    'padding of zeros': (signed) => padded(info(signed), undefined, 1, 0),
    'padding that is short, with zeros before it': (signed) => {
      const tail = concatBytes([Uint8Array.of(0, 1), new Uint8Array(8).fill(0xff), Uint8Array.of(0), info(signed)]);
      return sealed(concatBytes([new Uint8Array(octets - tail.length), tail]));
    },
    'padding with another octet in it': (signed) => {
      const filling = new Uint8Array(octets - 3 - 51).fill(0xff).with(100, 0xfe);
      return sealed(concatBytes([Uint8Array.of(0, 1), filling, Uint8Array.of(0), info(signed)]));
    },
    'a zero before the signature': (_, honest) => concatBytes([Uint8Array.of(0), honest]),
    'an octet missing': (_, honest) => honest.subarray(1),
    'the signature plus the modulus': (_, honest) => {
      const modulus = BigInt(`0x${Buffer.from(signer.key.export({ format: 'jwk' }).n!, 'base64url').toString('hex')}`);
      return octetsOf(numberOf(honest) + modulus, octets + 1);
    },
    zero: () => new Uint8Array(octets),
    one: () => new Uint8Array(octets).with(octets - 1, 1),
    nothing: () => new Uint8Array(),
    'PSS in its place': (signed) => pss('sha256', 32)(signed),
  });

  const pss =
    (hash: string, saltLength: number) =>
    (signed: Uint8Array): Uint8Array =>
      new Uint8Array(sign(hash, signed, { key: signer.key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }));

  describe('PSS', () => {
    traps(signer, 'pss-sha256', {
      'no salt': pss('sha256', 0),
      'a salt of 20 octets': pss('sha256', 20),
      'a salt of 33 octets': pss('sha256', 33),
      'the longest salt': pss('sha256', octets - 32 - 2),
      'another hash': pss('sha384', 32),
      'SHA-1': pss('sha1', 32),
      'PKCS#1 version 1.5 in its place': (signed) => padded(info(signed)),
      'a bit changed': (_, honest) => honest.with(10, honest[10]! ^ 1),
      zero: () => new Uint8Array(octets),
    });
    test('refused: parameters that name a salt of 20 octets, as the signature has', () => {
      assert.match(
        codeOf({ signer, algorithm: 'pss-sha256-salt-20', forge: (_, honest) => honest }) ?? 'taken',
        refused,
      );
    });
  });
});

describe('a key of another type under the name of the issuer', () => {
  const own: Readonly<Record<PlannedKeyType, PlannedAlgorithm>> = {
    'P-256': 'ecdsa-sha256',
    'P-384': 'ecdsa-sha384',
    Ed25519: 'ed25519',
    RSA: 'rsa-sha256',
  };
  const types = Object.keys(own) as PlannedKeyType[];
  const keys = new Map(types.map((type) => [type, key(type)]));
  for (const type of types) {
    for (const other of types.filter((one) => one !== type)) {
      test(`refused: ${own[type]} under a key of ${other}`, () => {
        const trap = { signer: keys.get(type)!, anchorKey: keys.get(other)!, algorithm: own[type] };
        assert.match(codeOf({ ...trap, forge: (_, honest) => honest }) ?? 'taken', refused);
      });
    }
  }
});
