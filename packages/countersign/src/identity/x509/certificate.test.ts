import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import {
  contextConstructed,
  contextPrimitive,
  encodeBitString,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeNamedBits,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeTime,
  encodeUtf8String,
  fromHex,
  tags,
} from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { makeRoot, makeService, serviceExtensions, testMoment } from '../../../../../tests/fixtures/certificates.ts';
import {
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  encodeName,
  encodeSigned,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  type KeyUsage,
  keyUsageExtension,
  noNames,
  otherKinds,
  parseCertificate,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from './index.ts';

const root = makeRoot();
const spki = root.key.publicKey.raw;
const algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
const name = encodeName({ commonName: 'a' });

/** A certificate built field by field, so that one field can break a rule. */
function build(
  fields: {
    version?: Uint8Array;
    serial?: Uint8Array;
    algorithm?: Uint8Array;
    issuer?: Uint8Array;
    validity?: Uint8Array;
    subject?: Uint8Array;
    key?: Uint8Array;
    afterKey?: Uint8Array;
    extensions?: readonly Uint8Array[];
    extensionField?: Uint8Array;
    outerAlgorithm?: Uint8Array;
    signature?: Uint8Array;
    afterSignature?: Uint8Array;
  } = {},
): Uint8Array {
  const none = new Uint8Array();
  const tbs = encodeSequence(
    fields.version ?? encodeExplicit(0, encodeInteger(2)),
    fields.serial ?? encodeInteger(77),
    fields.algorithm ?? algorithm,
    fields.issuer ?? name,
    fields.validity ?? encodeSequence(encodeTime(testMoment), encodeTime(testMoment)),
    fields.subject ?? name,
    fields.key ?? spki,
    fields.afterKey ?? none,
    fields.extensionField ?? encodeExplicit(3, encodeSequence(...(fields.extensions ?? serviceExtensions()))),
  );
  const signature = encodeSequence(encodeInteger(1), encodeInteger(1));
  return encodeSequence(
    tbs,
    fields.outerAlgorithm ?? algorithm,
    fields.signature ?? encodeBitString(signature),
    fields.afterSignature ?? none,
  );
}

function refuses(der: Uint8Array, code: string, fact: string): void {
  assert.throws(
    () => parseCertificate(der),
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.equal(error.evidence[code === 'CS-X509-002' ? 'algorithm' : 'rule'], fact);
      return true;
    },
  );
}

const breaks = (fields: Parameters<typeof build>[0], rule: string): void => refuses(build(fields), 'CS-X509-001', rule);
const malformed = (fields: Parameters<typeof build>[0], rule: string): void =>
  refuses(build(fields), 'CS-DER-001', rule);

/** An extension and its value, not critical. */
const extension = (oid: string, value: Uint8Array): Uint8Array =>
  encodeSequence(encodeOid(oid), encodeOctetString(value));

test('every field is read, and as OpenSSL reads it', () => {
  const identifier = Uint8Array.of(1, 2, 0xab);
  const issued = makeService(root, {
    subject: encodeName({ organization: 'Org, Inc.', commonName: 'web' }),
    serialNumber: Uint8Array.of(0, 0, 0x0a, 0xbc),
    names: {
      dns: ['web.internal', '*.web.internal'],
      uri: ['spiffe://dev.internal/web'],
      ip: ['127.0.0.1', '2001:db8::1'],
    },
    moreExtensions: [basicConstraintsExtension({ ca: false })],
  }).certificate;
  const openssl = new X509Certificate(issued.raw);
  assert.equal(issued.serialNumber, '0ABC');
  assert.equal(issued.serialNumber, openssl.serialNumber);
  assert.equal(issued.notBefore, Date.parse(openssl.validFrom));
  assert.equal(issued.notAfter, Date.parse(openssl.validTo));
  assert.equal(issued.issuer.text, 'CN=test root');
  assert.equal(issued.subject.text, String.raw`CN=web,O=Org\, Inc.`);
  assert.deepEqual(issued.subjectAltName, {
    ...noNames,
    dns: ['web.internal', '*.web.internal'],
    uri: ['spiffe://dev.internal/web'],
    ip: ['127.0.0.1', '2001:db8::1'],
  });
  assert.deepEqual(issued.keyUsage, ['digitalSignature']);
  assert.deepEqual(issued.extendedKeyUsage, openssl.keyUsage);
  assert.deepEqual(issued.basicConstraints, { ca: false });
  assert.equal(issued.publicKey.type, 'P-256');
  assert.deepEqual(Buffer.from(issued.publicKey.raw), openssl.publicKey.export({ type: 'spki', format: 'der' }));
  assert.equal(issued.signatureAlgorithm, 'ecdsa-with-SHA256');
  assert.ok(openssl.verify(new X509Certificate(root.certificate.raw).publicKey));
  assert.equal(issued.authorityKeyIdentifier, root.certificate.subjectKeyIdentifier);
  assert.match(issued.subjectKeyIdentifier ?? '', /^[0-9a-f]{40}$/);
  const plain = parseCertificate(
    build({ extensions: [subjectKeyIdentifierExtension(identifier), authorityKeyIdentifierExtension(identifier)] }),
  );
  assert.equal(plain.subjectKeyIdentifier, '0102ab');
  assert.equal(plain.authorityKeyIdentifier, '0102ab');
  assert.equal(plain.basicConstraints, undefined);
  assert.deepEqual(plain.subjectAltName, noNames);
});

test('each key usage has its bit', () => {
  const usages: KeyUsage[] = [
    'digitalSignature',
    'contentCommitment',
    'keyEncipherment',
    'dataEncipherment',
    'keyAgreement',
    'keyCertSign',
    'cRLSign',
    'encipherOnly',
    'decipherOnly',
  ];
  for (const [bit, usage] of usages.entries()) {
    const certificate = parseCertificate(build({ extensions: [keyUsageExtension([usage])] }));
    assert.deepEqual(certificate.keyUsage, [usage]);
    assert.deepEqual(Buffer.from(certificate.extensions[0]!.value), Buffer.from(encodeNamedBits([bit])));
  }
  assert.deepEqual(parseCertificate(build({ extensions: [keyUsageExtension(usages)] })).keyUsage, usages);
});

test('the outer form: three fields, nothing around them', () => {
  const good = build();
  parseCertificate(good);
  refuses(Uint8Array.of(...good, 0), 'CS-DER-001', 'bytes after the last element');
  refuses(good.subarray(0, -1), 'CS-DER-001', 'length reaches past the end');
  refuses(new Uint8Array(), 'CS-DER-001', 'element 0x30 is missing');
  malformed({ afterSignature: encodeInteger(1) }, 'bytes after the last element');
  malformed({ validity: encodeSequence(encodeTime(0), encodeTime(0), encodeTime(0)) }, 'bytes after the last element');
  malformed({ extensionField: encodeExplicit(3, encodeSequence()) }, 'Extensions is empty');
  assert.throws(() => parseCertificate(new Uint8Array(200_000)), { code: 'CS-DER-002' });
});

test('version, serial number, issuer and validity keep the rules of RFC 5280', () => {
  breaks({ version: new Uint8Array() }, 'version 1 certificate; version 3 is needed (4.1.2.1)');
  breaks({ version: encodeExplicit(0, encodeInteger(1)) }, 'version other than 3 (4.1.2.1)');
  breaks({ version: encodeExplicit(0, encodeInteger(3)) }, 'version other than 3 (4.1.2.1)');
  breaks({ serial: encodeInteger(0) }, 'serial number zero (4.1.2.2)');
  malformed({ serial: Uint8Array.of(2, 1, 0xff) }, 'INTEGER is negative');
  breaks({ serial: encodeInteger(new Uint8Array(21).fill(1)) }, 'serial number longer than 20 octets (4.1.2.2)');
  assert.equal(parseCertificate(build({ serial: encodeInteger(new Uint8Array(20).fill(1)) })).serialNumber.length, 40);
  breaks({ issuer: encodeName({}) }, 'the issuer is empty (4.1.2.4)');
  const backwards = encodeSequence(encodeTime(testMoment), encodeTime(testMoment - 1000));
  breaks({ validity: backwards }, 'notAfter is before notBefore (4.1.2.5)');
  breaks(
    { outerAlgorithm: encodeSequence(encodeOid('1.2.840.10045.4.3.3')) },
    'the two signature algorithms differ (4.1.1.2)',
  );
  breaks({ extensionField: new Uint8Array() }, 'no extensions');
  assert.equal(parseCertificate(build({})).uniqueIdentifiers, false);
  for (const tag of [1, 2]) {
    assert.equal(
      parseCertificate(build({ afterKey: encodeImplicit(tag, Uint8Array.of(0, 1)) })).uniqueIdentifiers,
      true,
    );
  }
});

test('an empty subject needs a critical subjectAltName', () => {
  const rule = 'an empty subject without a critical subjectAltName (4.2.1.6)';
  breaks({ subject: encodeName({}), extensions: [keyUsageExtension(['digitalSignature'])] }, rule);
  breaks({ subject: encodeName({}), extensions: [subjectAltNameExtension({ dns: ['a'] }, false)] }, rule);
  parseCertificate(build({ subject: encodeName({}), extensions: [subjectAltNameExtension({ dns: ['a'] }, true)] }));
});

test('extensions come once each and decode to their last byte', () => {
  const usage = keyUsageExtension(['digitalSignature']);
  breaks({ extensions: [usage, usage] }, 'extension 2.5.29.15 appears twice (4.2)');
  const written = encodeSequence(encodeOid('2.5.29.15'), encodeBoolean(false), encodeOctetString(encodeNamedBits([0])));
  malformed({ extensions: [written] }, 'a default value written out');
  malformed({ extensions: [extension('2.5.29.15', fromHex('0302078000')!)] }, 'bytes after the last element');
  malformed(
    { extensions: [extension('2.5.29.15', fromHex('03020640')!.fill(0x80, 3))] },
    'named bits with trailing zeros',
  );
  malformed({ extensions: [extension('2.5.29.15', encodeNamedBits([9]))] }, 'keyUsage with a bit that is not defined');
  breaks({ extensions: [extension('2.5.29.15', encodeNamedBits([]))] }, 'keyUsage without any bit (4.2.1.3)');
  malformed({ extensions: [extendedKeyUsageExtension([])] }, 'extKeyUsage is empty');
  malformed({ extensions: [subjectAltNameExtension({}, false)] }, 'GeneralNames is empty');
  const constraints = (...members: Uint8Array[]): Uint8Array[] => [extension('2.5.29.19', encodeSequence(...members))];
  breaks({ extensions: constraints(encodeInteger(0)) }, 'pathLenConstraint without cA (4.2.1.9)');
  malformed({ extensions: constraints(encodeBoolean(false)) }, 'a default value written out');
  malformed({ extensions: constraints(encodeBoolean(true), Uint8Array.of(2, 1, 0xff)) }, 'INTEGER is negative');
  const keyed = (...members: Uint8Array[]): Uint8Array[] => [extension('2.5.29.35', encodeSequence(...members))];
  const alone = 'authorityKeyIdentifier with an issuer or a serial number alone (4.2.1.1)';
  breaks({ extensions: keyed(encodeImplicit(2, Uint8Array.of(1))) }, alone);
  breaks({ extensions: keyed(encodeExplicit(1, encodeExplicit(4, name))) }, alone);
  malformed(
    { extensions: keyed(encodeImplicit(0, Uint8Array.of(1)), encodeInteger(1)) },
    'bytes after the last element',
  );
  const whole = keyed(
    encodeImplicit(0, Uint8Array.of(1)),
    encodeExplicit(1, encodeExplicit(4, name)),
    encodeImplicit(2, Uint8Array.of(1)),
  );
  const identified = parseCertificate(build({ extensions: whole }));
  assert.equal(identified.authorityKeyIdentifier, '01');
  assert.equal(identified.authorityCertificate?.serialNumber, '01');
  assert.deepEqual(identified.authorityCertificate.issuer.directory[0]?.raw, name);
});

test('alternative names hold what their kind allows; unknown kinds are refused, other kinds match nothing', () => {
  const names = (...members: Uint8Array[]): Uint8Array[] => [extension('2.5.29.17', encodeSequence(...members))];
  const rule = 'a name that is empty or holds a space or control character';
  for (const text of ['', 'a b', 'a\0b', 'a\nb', '\x7f']) {
    malformed({ extensions: names(encodeImplicit(2, Buffer.from(text))) }, rule);
    malformed({ extensions: names(encodeImplicit(6, Buffer.from(text))) }, rule);
  }
  malformed({ extensions: names(encodeImplicit(2, Buffer.from('é'))) }, 'IA5String with an octet above 0x7F');
  for (const length of [0, 3, 5, 8, 15, 17]) {
    const address = encodeImplicit(7, new Uint8Array(length));
    malformed({ extensions: names(address) }, 'an iPAddress of other than 4 or 16 octets');
  }
  malformed({ extensions: names(encodeImplicit(9, Uint8Array.of(1))) }, 'a GeneralName of no known kind');
  const kind = (tag: number, contents: Uint8Array): { extensions: Uint8Array[] } => ({
    extensions: names(encodeElement(tag, contents)),
  });
  malformed(kind(contextConstructed(0), Uint8Array.of(0x7f, 0, 0, 1)), 'element 0x06 expected, 0x7f found');
  malformed(kind(contextConstructed(0), encodeOid('1.2.3')), 'element 0xa0 is missing');
  malformed(kind(contextPrimitive(1), Buffer.from('a b')), rule);
  malformed(kind(contextConstructed(4), encodeInteger(1)), 'element 0x30 expected, 0x02 found');
  malformed(kind(contextPrimitive(8), Uint8Array.of(0x80)), 'a registered ID that is no object identifier');
  const others = names(
    encodeElement(contextConstructed(0), Buffer.concat([encodeOid('1.2.3'), encodeExplicit(0, encodeInteger(1))])),
    encodeImplicit(1, Buffer.from('a@b')),
    encodeExplicit(4, name),
    encodeElement(contextPrimitive(8), Uint8Array.of(0x2a)),
    encodeElement(contextConstructed(3), name),
    encodeElement(contextConstructed(5), name),
  );
  const { subjectAltName } = parseCertificate(build({ extensions: others }));
  assert.deepEqual(
    { ...subjectAltName, directory: subjectAltName.directory.map(({ text }) => text) },
    {
      ...noNames,
      otherName: [{ type: '1.2.3', value: encodeInteger(1) }],
      email: ['a@b'],
      directory: ['CN=a'],
      registeredId: ['1.2'],
      x400: [encodeElement(contextConstructed(3), name)],
      ediParty: [encodeElement(contextConstructed(5), name)],
    },
  );
  assert.deepEqual(otherKinds(subjectAltName), [
    'email',
    'directory name',
    'registered ID',
    'other name',
    'X.400 address',
    'EDI party name',
  ]);
});

test('a key or signature that nobody knows is read, and its algorithm said', () => {
  const unknown = encodeSequence(encodeSequence(encodeOid('1.2.3'), Uint8Array.of(5, 0)), encodeBitString(name));
  assert.deepEqual(parseCertificate(build({ key: unknown })).publicKey, {
    raw: unknown,
    type: 'other',
    oid: '1.2.3',
    bits: 0,
    key: name,
  });
  const curve = encodeSequence(
    encodeSequence(encodeOid('1.2.840.10045.2.1'), encodeOid('1.3.132.0.10')),
    encodeBitString(new Uint8Array(65)),
  );
  assert.equal(parseCertificate(build({ key: curve })).publicKey.type, 'other');
  const md5 = encodeSequence(encodeOid('1.2.840.113549.1.1.4'), Uint8Array.of(5, 0));
  const signed = parseCertificate(build({ algorithm: md5, outerAlgorithm: md5 }));
  assert.equal(signed.signatureAlgorithm, 'oid 1.2.840.113549.1.1.4');
});

test('keys and signatures in other forms are refused', () => {
  const ec = (curve: string, point: Uint8Array): Uint8Array =>
    encodeSequence(encodeSequence(encodeOid('1.2.840.10045.2.1'), encodeOid(curve)), encodeBitString(point));
  const other = (algorithmOid: string): Uint8Array =>
    encodeSequence(encodeSequence(encodeOid(algorithmOid), Uint8Array.of(5, 0)), encodeBitString(Uint8Array.of(1)));
  const rsa = (parameters: Uint8Array, ...fields: Uint8Array[]): { key: Uint8Array } => ({
    key: encodeSequence(
      encodeSequence(encodeOid('1.2.840.113549.1.1.1'), parameters),
      encodeBitString(encodeSequence(...fields)),
    ),
  });
  const [nothing, odd] = [Uint8Array.of(5, 0), encodeInteger(Uint8Array.of(0xc1, ...new Uint8Array(254), 1))];
  assert.equal(parseCertificate(build(rsa(nothing, odd, encodeInteger(3)))).publicKey.bits, 2048);
  malformed(rsa(new Uint8Array(), odd, encodeInteger(3)), 'element 0x05 is missing');
  malformed(rsa(Uint8Array.of(5, 1, 0), odd, encodeInteger(3)), 'NULL with contents');
  malformed(rsa(nothing, encodeInteger(6), encodeInteger(3)), 'RSA modulus that is negative or even');
  malformed(rsa(nothing, Uint8Array.of(2, 1, 0x81), encodeInteger(3)), 'RSA modulus that is negative or even');
  malformed(rsa(nothing, odd, encodeInteger(2)), 'RSA exponent that is negative or even');
  malformed(rsa(nothing, odd, encodeInteger(1)), 'RSA exponent 1');
  malformed(rsa(nothing, odd, encodeInteger(3), encodeInteger(3)), 'bytes after the last element');
  const p256 = '1.2.840.10045.3.1.7';
  const point = 'point not uncompressed, or of a wrong length';
  malformed({ key: ec(p256, Uint8Array.of(2, ...new Uint8Array(32))) }, point);
  malformed({ key: ec(p256, Uint8Array.of(4, ...new Uint8Array(63))) }, point);
  malformed({ key: ec(p256, Uint8Array.of(6, ...new Uint8Array(64))) }, point);
  malformed({ key: other('1.3.101.112') }, 'bytes after the last element');
  const ed25519 = encodeSequence(encodeSequence(encodeOid('1.3.101.112')), encodeBitString(new Uint8Array(31)));
  malformed({ key: ed25519 }, 'Ed25519 key of other than 32 octets');
  const withNull = encodeSequence(encodeOid('1.2.840.10045.4.3.2'), Uint8Array.of(5, 0));
  malformed({ outerAlgorithm: withNull }, 'bytes after the last element');
  breaks({ algorithm: withNull }, 'the two signature algorithms differ (4.1.1.2)');
});

test('a signature has one form', () => {
  const pair = (...members: Uint8Array[]): { signature: Uint8Array } => ({
    signature: encodeBitString(encodeSequence(...members)),
  });
  const one = encodeInteger(1);
  malformed(pair(Uint8Array.of(2, 1, 0xff), one), 'ECDSA signature with a negative r');
  malformed(pair(one, Uint8Array.of(2, 1, 0x80)), 'ECDSA signature with a negative s');
  malformed(pair(Uint8Array.of(2, 2, 0, 1), one), 'INTEGER not in its shortest form');
  malformed(pair(one, one, one), 'bytes after the last element');
  malformed(pair(one), 'element 0x02 is missing');
  malformed(
    { signature: encodeBitString(Uint8Array.of(...encodeSequence(one, one), 0)) },
    'bytes after the last element',
  );
  malformed({ signature: Uint8Array.of(3, 2, 1, 2) }, 'BIT STRING not of whole octets');
  const ed25519 = encodeSequence(encodeOid('1.3.101.112'));
  const short = { algorithm: ed25519, outerAlgorithm: ed25519, signature: encodeBitString(new Uint8Array(63)) };
  malformed(short, 'Ed25519 signature of other than 64 octets');
});

test('a name is shown by RFC 4514, so that no value looks like another part', () => {
  const part = (oid: string, value: Uint8Array): Uint8Array =>
    encodeElement(tags.set, encodeSequence(encodeOid(oid), value));
  const shown = (...parts: Uint8Array[]): string =>
    parseCertificate(build({ issuer: encodeSequence(...parts) })).issuer.text;
  const commonName = (text: string): string => shown(part('2.5.4.3', encodeUtf8String(text)));
  assert.equal(commonName('web,O=Other'), String.raw`CN=web\,O=Other`);
  assert.equal(commonName(String.raw`a"b+c;d<e>f\g`), String.raw`CN=a\"b\+c\;d\<e\>f\\g`);
  assert.equal(commonName(' a '), String.raw`CN=\ a\ `);
  assert.equal(commonName(' '), String.raw`CN=\ `);
  assert.equal(commonName('  '), String.raw`CN=\ \ `);
  assert.equal(commonName('\\ '), String.raw`CN=\\\ `);
  assert.equal(commonName('#a'), String.raw`CN=\#a`);
  assert.equal(commonName('a\0b'), String.raw`CN=a\00b`);
  assert.equal(commonName(''), 'CN=');
  assert.equal(
    shown(part('2.5.4.6', Uint8Array.of(0x13, 2, 0x44, 0x45)), part('2.5.4.3', encodeUtf8String('z'))),
    'CN=z,C=DE',
  );
  assert.equal(shown(part('1.2.3', encodeUtf8String('z'))), '1.2.3=#0c017a');
  assert.equal(shown(part('2.5.4.3', Uint8Array.of(0x14, 1, 0x41))), 'CN=#140141');
  const two = [
    encodeSequence(encodeOid('2.5.4.3'), encodeUtf8String('a')),
    encodeSequence(encodeOid('2.5.4.10'), encodeUtf8String('b')),
  ];
  assert.equal(shown(encodeElement(tags.set, Buffer.concat(two))), 'CN=a+O=b');
  malformed(
    { issuer: encodeSequence(encodeElement(tags.set, Buffer.concat(two.toReversed()))) },
    'SET OF out of order',
  );
  malformed(
    { issuer: encodeSequence(encodeElement(tags.set, new Uint8Array())) },
    'a relative distinguished name without attributes',
  );
});

test('what the encoders cannot write rightly they do not write', () => {
  assert.throws(() => subjectAltNameExtension({ dns: ['é'] }, false), TypeError);
  assert.throws(() => subjectAltNameExtension({ ip: ['1.2.3'] }, false), TypeError);
  assert.throws(() => subjectAltNameExtension({ dns: ['\u{1f511}'] }, false), TypeError);
  assert.throws(() => encodeSigned(name, 'rsa' as 'Ed25519', name), TypeError);
});

test("the feed key's usage is read back by its name", () => {
  const usage = extendedKeyUsageExtension([extendedKeyUsages.feedSigning], true);
  const certificate = parseCertificate(build({ extensions: [usage] }));
  assert.deepEqual(certificate.extendedKeyUsage, [extendedKeyUsages.feedSigning]);
  assert.equal(certificate.extensions[0]?.critical, true);
  assert.deepEqual(new X509Certificate(build({ extensions: [usage] })).keyUsage, [extendedKeyUsages.feedSigning]);
});
