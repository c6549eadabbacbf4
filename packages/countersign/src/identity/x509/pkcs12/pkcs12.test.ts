import assert from 'node:assert/strict';
import { createSecureContext } from 'node:tls';
import { test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import {
  concatBytes,
  contextConstructed,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodePem,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
  equalBytes,
  fromHex,
  parsePem,
  tags,
  toHex,
} from '../../../ground/encoding/index.ts';
import { isRefusal, toCommandText } from '../../../ground/errors/index.ts';
import { parsePrivateKey, passwordCryptography } from '../../../runtime/cryptography/index.ts';
import { asBer } from '../../../../../../tests/fixtures/ber.ts';
import { makeRoot } from '../../../../../../tests/fixtures/certificates.ts';
import { makersBytes, makersFiles } from '../../../../../../tests/fixtures/pkcs12/makers.ts';
import {
  encodePkcs12,
  encodePrivateKeyInfo,
  ownFileLimits,
  parsePkcs12,
  parsePrivateKeyInfo,
  type Password,
  type Pkcs12,
  type Pkcs12Item,
  type Pkcs12ReadOptions,
  PrivateKeyInfo,
} from '../index.ts';

const open = (file: Uint8Array, password: Password, more: Partial<Pkcs12ReadOptions> = {}): Pkcs12 =>
  parsePkcs12(file, passwordCryptography, { password, ...more });

const named = (items: readonly Pkcs12Item[]): string[] =>
  items.map(({ kind, friendlyName }) => (friendlyName === undefined ? kind : `${kind} ${friendlyName}`));

/** An item with its key as text, so that two can be compared. */
const plain = (items: readonly Pkcs12Item[]): unknown[] =>
  items.map((item) => (item.kind === 'key' ? { ...item, key: toHex(encodePrivateKeyInfo(item.key)) } : item));

const { key: ownKey, certificate } = makeRoot({ subject: 'web' });
const key = parsePrivateKeyInfo(parsePem(ownKey.toPem())[0]!.bytes);
const localKeyId = Uint8Array.of(1, 2, 3);
const credential: readonly Pkcs12Item[] = [
  { kind: 'certificate', der: certificate.raw, friendlyName: 'web', localKeyId },
  { kind: 'key', key, friendlyName: 'web', localKeyId },
];
const iterations = 1000;
const write = (password: Password, mac?: 'PBMAC1' | 'HMAC-SHA-256', items = credential): Uint8Array =>
  encodePkcs12(items, passwordCryptography, { password, iterations, ...(mac === undefined ? {} : { mac }) });

test("other makers' files read, and what is weak about them is said", () => {
  for (const { file, password, items, authenticatedBy, weak } of makersFiles) {
    const bytes = makersBytes(file);
    const read = open(bytes, password, { acceptUnauthenticated: authenticatedBy === 'nothing' });
    assert.deepEqual(named(read.items), items, file);
    assert.equal(read.authenticatedBy, authenticatedBy, file);
    assert.equal(read.weak.length, weak.length, `${file}: ${read.weak.join('\n')}`);
    for (const [index, text] of weak.entries()) assert.ok(read.weak[index]?.startsWith(text), read.weak[index]);
    for (const wrong of [`${password}x`, `x${password}`, null]) {
      if (authenticatedBy === 'nothing') continue;
      assert.throws(() => open(bytes, wrong), { code: 'CS-PKCS-001' }, `${file} ${String(wrong)}`);
    }
  }
});

test('the key of each file belongs to its first certificate', () => {
  for (const { file, password } of makersFiles) {
    const { items } = open(makersBytes(file), password, { acceptUnauthenticated: true });
    const keyItem = items.find((item) => item.kind === 'key')!;
    const tied = items.find((item) => item.kind === 'certificate')!;
    assert.ok(equalBytes(keyItem.localKeyId!, tied.localKeyId!), file);
    // OpenSSL compares the two.
    createSecureContext({
      key: encodePem('PRIVATE KEY', encodePrivateKeyInfo(keyItem.key)),
      cert: encodePem('CERTIFICATE', tied.der),
    });
  }
});

const attributes = fc.record(
  {
    friendlyName: fc.string({ unit: 'grapheme' }),
    localKeyId: fc.uint8Array({ maxLength: 20 }),
    otherAttributes: fc.constant([{ oid: '1.3.6.1.4.1.311.17.1', values: [encodeUtf8String('provider')] }]),
  },
  { requiredKeys: [], noNullPrototype: true },
);
const anyDer = fc.uint8Array({ maxLength: 300 }).map((octets) => encodeSequence(encodeOctetString(octets)));
const item: fc.Arbitrary<Pkcs12Item> = fc
  .tuple(
    attributes,
    fc.oneof(
      anyDer.map((der) => ({ kind: 'certificate', der }) as const),
      anyDer.map((der) => ({ kind: 'crl', der }) as const),
      anyDer.map((der) => ({ kind: 'other', bagType: '1.2.3.4', der }) as const),
      fc.uint8Array({ maxLength: 99 }).map((privateKey) => {
        const info = new PrivateKeyInfo({ algorithm: { oid: '1.3.101.112' }, privateKey });
        return { kind: 'key', key: info } as const;
      }),
    ),
  )
  .map(([more, what]) => ({ ...more, ...what }));
const passwords = fc.oneof(
  fc.constantFrom<Password>(null, ''),
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
);

test('items come back as they were written, keys last', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 5 }), passwords, (items, password) => {
      const sorted = [...items.filter(({ kind }) => kind !== 'key'), ...items.filter(({ kind }) => kind === 'key')];
      const read = open(write(password, 'PBMAC1', items), password);
      assert.deepEqual(plain(read.items), plain(sorted));
      assert.deepEqual([read.authenticatedBy, read.weak], ['PBMAC1', []]);
    }),
  );
});

test('both MACs are written and read, and our defaults read back under the default limits', () => {
  for (const mac of ['PBMAC1', 'HMAC-SHA-256'] as const) {
    const file = encodePkcs12(credential, passwordCryptography, { password: 'pä€ß🔑', mac });
    const read = open(file, 'pä€ß🔑');
    assert.deepEqual(plain(read.items), plain(credential));
    assert.equal(read.authenticatedBy, mac === 'PBMAC1' ? 'PBMAC1' : 'HMAC');
    assert.deepEqual(read.weak, []);
    createSecureContext({ pfx: Buffer.from(file), passphrase: 'pä€ß🔑' });
    assert.throws(() => createSecureContext({ pfx: Buffer.from(file), passphrase: 'pä€ß' }), /mac verify failure/);
  }
});

test('no password and an empty one are two things where the file can tell them apart', () => {
  const [none, empty] = [write(null, 'HMAC-SHA-256'), write('', 'HMAC-SHA-256')];
  open(none, null);
  open(empty, '');
  assert.throws(() => open(none, ''), { code: 'CS-PKCS-001' });
  assert.throws(() => open(empty, null), { code: 'CS-PKCS-001' });
  // OpenSSL tries both.
  for (const file of [none, empty]) createSecureContext({ pfx: Buffer.from(file) });
});

test('a changed octet anywhere in what the MAC is over is noticed before anything is decrypted', () => {
  const file = write('geheim');
  const content = toHex(file).indexOf('2a864886f70d010706') / 2;
  const decrypt = (): never => assert.fail('decrypted before the MAC was verified');
  for (let at = content; at < file.length - 160; at += 7) {
    const changed = Uint8Array.from(file, (octet, index) => (index === at ? octet ^ 1 : octet));
    assert.throws(
      () => parsePkcs12(changed, { ...passwordCryptography, decrypt }, { password: 'geheim' }),
      { code: 'CS-PKCS-001' },
      String(at),
    );
  }
});

test('a file without a MAC is refused, unless the caller accepts it by name', () => {
  const bytes = makersBytes('openssl-3.0-nomac.p12');
  assert.throws(() => open(bytes, 'geheim'), { code: 'CS-PKCS-004' });
  assert.throws(() => open(bytes, 'wrong', { acceptUnauthenticated: true }), { code: 'CS-PKCS-001' });
});

test('BER reads as DER does: endless lengths, octet strings in pieces', () => {
  for (const { file, password } of makersFiles) {
    const bytes = makersBytes(file);
    const read = open(asBer(bytes), password, { acceptUnauthenticated: true });
    assert.deepEqual(plain(read.items), plain(open(bytes, password, { acceptUnauthenticated: true }).items), file);
  }
  // Inside as well, and the encrypted content in pieces.
  const bags = encodeSequence(certificateBag(certificate.raw));
  const safe = asBer(encodeSequence(dataSafe(asBer(bags))));
  const read = open(asBer(pfx(safe)), null, { acceptUnauthenticated: true });
  assert.deepEqual(named(read.items), ['certificate']);
});

const dataOid = encodeOid('1.2.840.113549.1.7.1');
const dataSafe = (content: Uint8Array): Uint8Array =>
  encodeSequence(dataOid, encodeExplicit(0, encodeOctetString(content)));
const pfx = (safes: Uint8Array, macData: Uint8Array = new Uint8Array(), version = 3): Uint8Array =>
  encodeSequence(encodeInteger(version), dataSafe(safes), macData);
const bagOf = (type: string, value: Uint8Array, set: Uint8Array = new Uint8Array()): Uint8Array =>
  encodeSequence(encodeOid(`1.2.840.113549.1.12.10.1.${type}`), encodeElement(contextConstructed(0), value), set);
const certificateBag = (der: Uint8Array, type = '1.2.840.113549.1.9.22.1', set?: Uint8Array): Uint8Array =>
  bagOf('3', encodeSequence(encodeOid(type), encodeExplicit(0, encodeOctetString(der))), set);
const withBags = (...bags: Uint8Array[]): Uint8Array => pfx(encodeSequence(dataSafe(encodeSequence(...bags))));

test("NSS's own BER reads, once the caller allows what it costs", () => {
  const bytes = makersBytes('nss-3.87.p12');
  assert.equal(bytes[1], 0x80);
  assert.throws(() => open(bytes, 'geheim'), { code: 'CS-PKCS-005' });
  const { items, weak } = open(bytes, 'geheim', ownFileLimits);
  assert.deepEqual(named(items), ['key nssweb', 'certificate nssweb']);
  assert.deepEqual(weak, []);
});

test('an encrypted content in pieces is put together', () => {
  const ciphertext = encodeImplicit(0, new Uint8Array(16));
  const endless = concatBytes([
    fromHex('a080')!,
    encodeOctetString(new Uint8Array(8)),
    encodeOctetString(new Uint8Array(8)),
    fromHex('0000')!,
  ]);
  for (const content of [ciphertext, endless]) {
    const scheme = encodeSequence(
      encodeOid('1.2.840.113549.1.12.1.3'),
      encodeSequence(encodeOctetString(new Uint8Array(8)), encodeInteger(1)),
    );
    const data = encodeSequence(encodeInteger(0), encodeSequence(dataOid, scheme, content));
    const safe = encodeSequence(encodeOid('1.2.840.113549.1.7.6'), encodeExplicit(0, data));
    const lengths: number[] = [];
    const decrypt = (_cipher: unknown, _key: unknown, _iv: unknown, octets: Uint8Array): undefined => {
      lengths.push(octets.length);
    };
    assert.throws(
      () =>
        parsePkcs12(
          pfx(encodeSequence(safe)),
          { ...passwordCryptography, decrypt },
          {
            password: 'x',
            acceptUnauthenticated: true,
          },
        ),
      { code: 'CS-PKCS-001' },
    );
    assert.deepEqual(lengths, [16]);
  }
});

test('bags of every kind are kept, those inside others too', () => {
  const crl = encodeSequence(encodeInteger(1));
  const attribute = (oid: string, ...values: Uint8Array[]): Uint8Array =>
    encodeSequence(encodeOid(oid), encodeSetOf(values));
  const name = attribute('1.2.840.113549.1.9.20', encodeElement(tags.bmpString, fromHex('00e9d83ddd11')!));
  const file = withBags(
    certificateBag(certificate.raw, undefined, encodeSetOf([name])),
    certificateBag(certificate.raw, '1.2.840.113549.1.9.22.2'),
    bagOf('4', encodeSequence(encodeOid('1.2.840.113549.1.9.23.1'), encodeExplicit(0, encodeOctetString(crl)))),
    bagOf('6', encodeSequence(bagOf('1', encodePrivateKeyInfo(key)), bagOf('5', encodeInteger(7)))),
  );
  const { items, weak } = open(file, null, { acceptUnauthenticated: true });
  assert.deepEqual(named(items), ['certificate é🔑', 'other', 'crl', 'key', 'other']);
  const others = items.flatMap((one) => (one.kind === 'other' ? [one.bagType] : []));
  assert.deepEqual(
    others,
    ['3', '5'].map((type) => `1.2.840.113549.1.12.10.1.${type}`),
  );
  assert.equal(weak.length, 2);
});

test('what breaks a rule, or is not known, is refused by name', () => {
  const accept = { acceptUnauthenticated: true };
  const signed = encodeSequence(
    encodeOid('1.2.840.113549.1.7.2'),
    encodeExplicit(0, encodeOctetString(new Uint8Array())),
  );
  const enveloped = encodeSequence(encodeOid('1.2.840.113549.1.7.3'), encodeExplicit(0, encodeInteger(0)));
  const same = encodeSequence(encodeOid('1.2.3'), encodeSetOf([encodeInteger(1)]));
  const twice = encodeElement(tags.set, concatBytes([same, same]));
  const md5 = mac(encodeSequence(encodeOid('1.2.840.113549.2.5')), encodeInteger(2048));
  const sha1 = encodeSequence(encodeOid('1.3.14.3.2.26'));
  const empty = encodeSequence();
  const cases: readonly (readonly [Uint8Array, string, RegExp])[] = [
    [pfx(empty, undefined, 2), 'CS-PKCS-006', /version other than 3/],
    [encodeSequence(encodeInteger(3), signed), 'CS-PKCS-003', /signed with a key/],
    [pfx(encodeSequence(enveloped)), 'CS-PKCS-003', /recipient/],
    [withBags(certificateBag(certificate.raw, undefined, twice)), 'CS-PKCS-006', /twice/],
    [withBags(certificateBag(concatBytes([certificate.raw, Uint8Array.of(0)]))), 'CS-DER-001', /after the last/],
    [pfx(empty, md5), 'CS-PKCS-003', /2\.5/],
    [pfx(empty, mac(sha1, encodeInteger(0))), 'CS-PKCS-006', /iterations below 1/],
    [pfx(empty, mac(sha1, encodeInteger(0x7fffffff))), 'CS-PKCS-005', /mostWork/],
    [pfx(empty, mac(sha1)), 'CS-PKCS-001', /PKCS#12/],
    [pfx(empty, mac(pbmac1(pbkdf2(encodeInteger(2048))))), 'CS-PKCS-006', /keyLength/],
    [pfx(empty, mac(pbmac1(pbkdf2(encodeInteger(2048), encodeInteger(19))))), 'CS-PKCS-006', /keyLength/],
    [pfx(empty, mac(pbmac1(pbkdf2(encodeInteger(2048), encodeInteger(129))))), 'CS-PKCS-006', /keyLength/],
    [pfx(empty, mac(pbmac1(pbkdf2(encodeInteger(2048), encodeInteger(20))))), 'CS-PKCS-001', /PKCS#12/],
    [pfx(empty, mac(pbmac1(pbkdf2(encodeInteger(450_000), encodeInteger(128))))), 'CS-PKCS-005', /mostWork/],
    [pfx(empty, encodeSequence()), 'CS-DER-001', /missing/],
    [new Uint8Array(3_000_000), 'CS-DER-002', /bytes/],
  ];
  for (const [file, code, message] of cases) {
    assert.throws(() => open(file, 'x', accept), { code, message }, String(message));
  }
  open(pfx(empty), 'x', accept);
});

function mac(algorithm: Uint8Array, ...rest: Uint8Array[]): Uint8Array {
  return encodeSequence(
    encodeSequence(algorithm, encodeOctetString(new Uint8Array(20))),
    encodeOctetString(new Uint8Array(8)),
    ...rest,
  );
}

function pbmac1(kdf: Uint8Array): Uint8Array {
  const hmac = encodeSequence(encodeOid('1.2.840.113549.2.9'), encodeElement(tags.null, new Uint8Array()));
  return encodeSequence(encodeOid('1.2.840.113549.1.5.14'), encodeSequence(kdf, hmac));
}

function pbkdf2(...rest: Uint8Array[]): Uint8Array {
  const parameters = encodeSequence(encodeOctetString(new Uint8Array(8)), ...rest);
  return encodeSequence(encodeOid('1.2.840.113549.1.5.12'), parameters);
}

test('what one file costs is counted over all of its bags', () => {
  const shrouded = (seed: number): Uint8Array => {
    const salt = new Uint8Array(8).fill(seed);
    const scheme = encodeSequence(
      encodeOid('1.2.840.113549.1.12.1.3'),
      encodeSequence(encodeOctetString(salt), encodeInteger(1)),
    );
    return bagOf('2', encodeSequence(scheme, encodeOctetString(new Uint8Array(16))));
  };
  let derivations = 0;
  const hashRepeatedly = (): Uint8Array => {
    derivations++;
    return new Uint8Array(20);
  };
  const key8 = encodePrivateKeyInfo(key);
  const cryptography = { ...passwordCryptography, hashRepeatedly, decrypt: () => key8 };
  const file = withBags(...Array.from({ length: 5000 }, (_, index) => shrouded(index & 0xff)));
  assert.throws(() => parsePkcs12(file, cryptography, { password: 'x', acceptUnauthenticated: true }), {
    code: 'CS-PKCS-005',
  });
  assert.ok(derivations > 1000 && derivations < 6000, String(derivations));
});

test('a key that lies bare inside what is encrypted is not called unencrypted', () => {
  const bare = { kind: 'other', bagType: '1.2.840.113549.1.12.10.1.1', der: encodePrivateKeyInfo(key) } as const;
  const { items, weak } = open(write('geheim', 'PBMAC1', [bare]), 'geheim');
  assert.deepEqual([named(items), weak], [['key'], []]);
});

test('decoding and old ciphers cost by the octet', () => {
  const scheme = encodeSequence(
    encodeOid('1.2.840.113549.1.12.1.6'),
    encodeSequence(encodeOctetString(new Uint8Array(8)), encodeInteger(1)),
  );
  const content = encodeSequence(dataOid, scheme, encodeImplicit(0, new Uint8Array(400_000)));
  const data = encodeSequence(encodeInteger(0), content);
  const file = pfx(encodeSequence(encodeSequence(encodeOid('1.2.840.113549.1.7.6'), encodeExplicit(0, data))));
  assert.throws(() => open(file, 'x', { acceptUnauthenticated: true, mostWork: 400_000 }), { code: 'CS-PKCS-005' });
  assert.throws(() => open(file, 'x', { acceptUnauthenticated: true, mostWork: 405_000 }), { code: 'CS-PKCS-001' });
});

test('no refusal and no printed result holds a password or a key', () => {
  const secret = 'correct horse battery staple';
  const file = write(secret);
  const read = open(file, secret);
  const trace = toHex(key.privateKeyOctets()).slice(14, 60);
  const shown = [inspect(read, { depth: null, showHidden: true, getters: true }), JSON.stringify(read)];
  for (const bytes of [file.subarray(0, 200), Uint8Array.from(file, (octet, at) => (at === 300 ? octet ^ 1 : octet))]) {
    try {
      open(bytes, secret);
      assert.fail('not refused');
    } catch (error) {
      assert.ok(isRefusal(error), String(error));
      shown.push(inspect(error, { depth: null, showHidden: true }), toCommandText(error), String(error.stack));
    }
  }
  const numbers = [...Buffer.from(trace, 'hex')].join(', ');
  for (const text of shown) {
    for (const piece of [secret, 'horse', trace, numbers]) assert.ok(!text.includes(piece), text);
  }
});

test('a private key of a file signs', () => {
  const [, keyItem] = open(write('geheim'), 'geheim').items;
  assert.ok(keyItem?.kind === 'key');
  const again = parsePrivateKey(encodePem('PRIVATE KEY', encodePrivateKeyInfo(keyItem.key)));
  assert.deepEqual(again.publicKey, ownKey.publicKey);
});
