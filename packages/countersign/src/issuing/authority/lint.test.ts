import assert from 'node:assert/strict';
import { test } from 'node:test';

import { manualClock } from '../../ground/clock/index.ts';
import {
  concatBytes,
  DerReader,
  encodeBoolean,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  fromHex,
  tags,
} from '../../ground/encoding/index.ts';
import {
  accessMethods,
  authorityInfoAccessExtension,
  authorityKeyIdentifierExtension,
  basicConstraintsExtension,
  certificatePoliciesExtension,
  crlDistributionPointsExtension,
  encodeName,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyIdentifier,
  keyUsageExtension,
  noRevAvailExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
  type TbsFields,
} from '../../identity/x509/index.ts';
import { generatePrivateKey, sha256 } from '../../runtime/cryptography/index.ts';
import { createAuthority } from './create-authority.ts';
import { brokenKeyRule } from './key-rules.ts';
import { lintAuthority } from './lint-authority.ts';
import { endEntityRules, lintEndEntity } from './lint-end-entity.ts';
import { parseMailboxPattern } from './mailbox-pattern.ts';
import { type Profile, serviceProfile } from './profile.ts';
import { randomSerialNumber } from './serial-number.ts';
import { encodeEndEntity } from './to-be-signed.ts';

const nowMs = Date.parse('2026-11-21T08:00:00Z');
const { issuer, anchor } = createAuthority({ trustDomain: 'dev.internal', clock: manualClock(nowMs) });
const key = generatePrivateKey('P-256');

const oneList = crlDistributionPointsExtension([{ fullName: { uri: ['http://crl.internal/a.crl'] } }]);
const oneResponder = authorityInfoAccessExtension([
  { method: accessMethods.ocsp, location: { uri: ['http://ocsp.internal'] } },
]);

const extensions = {
  basicConstraints: basicConstraintsExtension({ ca: false }),
  keyUsage: keyUsageExtension(['digitalSignature']),
  extendedKeyUsage: extendedKeyUsageExtension([extendedKeyUsages.serverAuth, extendedKeyUsages.clientAuth]),
  names: subjectAltNameExtension({ dns: ['web'], uri: ['spiffe://dev.internal/web'] }, false),
  subjectKey: subjectKeyIdentifierExtension(keyIdentifier(key.publicKey.raw, sha256)),
  authorityKey: authorityKeyIdentifierExtension(fromHex(issuer.facts.keyIdentifier) ?? new Uint8Array()),
};

function toBeSigned(
  over: Partial<TbsFields> = {},
  others: Partial<Record<keyof typeof extensions, Uint8Array>> = {},
): Uint8Array {
  return encodeTbsCertificate({
    serialNumber: randomSerialNumber(),
    signatureAlgorithm: 'ecdsa-with-SHA256',
    issuer: issuer.facts.name,
    subject: encodeName({ commonName: 'web' }),
    notBefore: nowMs - 60_000,
    notAfter: nowMs + 3_600_000,
    publicKey: key.publicKey.raw,
    extensions: Object.values({ ...extensions, ...others }),
    ...over,
  });
}

const webNames = { dns: ['web'], uri: ['spiffe://dev.internal/web'] };
const context = { profile: serviceProfile, trustDomain: 'dev.internal' };
const linted = (...parts: Parameters<typeof toBeSigned>) => lintEndEntity(toBeSigned(...parts), issuer.facts, context);

test('what the profile writes passes, and is signed once', async () => {
  const good = linted();
  await issuer.sign([good]);
  await assert.rejects(issuer.sign([good]), TypeError);
  assert.throws(() => good.toBeSigned, TypeError);
});

test('nothing but the lint makes what a signer takes', async () => {
  await assert.rejects(issuer.sign([{ toBeSigned: toBeSigned() } as never]), TypeError);
  await assert.rejects(issuer.sign([Object.create(Object.getPrototypeOf(linted()) as object) as never]), TypeError);
});

test('each rule refuses what breaks it, with its clause', () => {
  const years = 2 * 365 * 86_400_000;
  const uri = ['spiffe://dev.internal/web'];
  const broken: readonly [string, Parameters<typeof toBeSigned>][] = [
    ['the serial number', [{ serialNumber: Uint8Array.of(1, 2, 3) }]],
    ['reads back:', [{ signatureAlgorithm: 'ecdsa-with-SHA384' }]],
    ["the issuer's name", [{ issuer: anchor.subject.raw }]],
    ['it begins before it ends', [{ notAfter: nowMs - 60_000 }]],
    ["its validity lies within the issuer's", [{ notAfter: nowMs + years }]],
    ["its validity lies within the issuer's", [{ notBefore: nowMs - 3_600_000 }]],
    ['the authority key identifier', [{}, { authorityKey: authorityKeyIdentifierExtension(new Uint8Array(20)) }]],
    ['it is no authority', [{}, { basicConstraints: basicConstraintsExtension({ ca: true }) }]],
    ['its key signs, and does no more', [{}, { keyUsage: keyUsageExtension(['digitalSignature', 'keyCertSign']) }]],
    ['its key signs, and does no more', [{}, { keyUsage: keyUsageExtension(['digitalSignature', 'keyEncipherment']) }]],
    ['its key signs, and does no more', [{}, { keyUsage: keyUsageExtension(['keyAgreement']) }]],
    [
      'it has exactly the purposes',
      [{}, { extendedKeyUsage: extendedKeyUsageExtension([extendedKeyUsages.clientAuth]) }],
    ],
    [
      'it has exactly the purposes',
      [{}, { extendedKeyUsage: extendedKeyUsageExtension(serviceProfile.extendedKeyUsage, true) }],
    ],
    [
      'it has exactly the purposes',
      [
        {},
        {
          extendedKeyUsage: extendedKeyUsageExtension([
            ...serviceProfile.extendedKeyUsage,
            extendedKeyUsages.feedSigning,
          ]),
        },
      ],
    ],
    ['it has exactly one URI name', [{}, { names: subjectAltNameExtension({ dns: ['web'] }, false) }]],
    [
      'it has exactly one URI name',
      [{}, { names: subjectAltNameExtension({ dns: ['web'], uri: [...uri, 'spiffe://dev.internal/b'] }, false) }],
    ],
    ['the subject is what', [{ subject: encodeName({ commonName: 'other' }) }]],
    ['the subject is what', [{ subject: encodeName({ commonName: 'web', organization: 'Example' }) }]],
    ['the subject is what', [{ subject: encodeName({}) }, { names: subjectAltNameExtension(webNames, true) }]],
    ['the names are critical exactly', [{}, { names: subjectAltNameExtension(webNames, true) }]],
    ["its life is within the profile's", [{ notAfter: nowMs + 8 * 86_400_000 }]],
    ["its key is not the issuer's", [{ publicKey: issuer.facts.publicKey }]],
    [
      'it has the extensions of the profile and no other',
      [{ extensions: [...Object.values(extensions), anyExtension()] }],
    ],
    ['it has a subject key identifier', [{ extensions: Object.values({ ...extensions, subjectKey: anyExtension() }) }]],
    [
      'the basic constraints are present',
      [{ extensions: Object.values({ ...extensions, basicConstraints: anyExtension() }) }],
    ],
    ['the key identifiers are not critical', [{}, { subjectKey: asCritical(extensions.subjectKey) }]],
    ['the key identifiers are not critical', [{}, { authorityKey: asCritical(extensions.authorityKey) }]],
    ['the authority key identifier', [{}, { authorityKey: issuerAndSerial() }]],
    ['noRevAvail stands', [{ extensions: [...Object.values(extensions), noRevAvailExtension(), oneList] }]],
    ['noRevAvail stands', [{ extensions: [...Object.values(extensions), noRevAvailExtension(), oneResponder] }]],
    ['noRevAvail stands', [{ extensions: [...Object.values(extensions), asCritical(noRevAvailExtension())] }]],
    [
      'it has exactly the policies',
      [{ extensions: [...Object.values(extensions), certificatePoliciesExtension(['1.2'])] }],
    ],
    ["its distribution points are the profile's", [{ extensions: [...Object.values(extensions), oneList] }]],
    ["its OCSP responders are the profile's", [{ extensions: [...Object.values(extensions), oneResponder] }]],
    [
      'it has the extensions of the profile and no other',
      [{ extensions: [...Object.values(extensions), noRevAvailExtension()] }],
    ],
    ['the key usage is present', [{ extensions: Object.values({ ...extensions, keyUsage: anyExtension() }) }]],
  ];
  const rewritten: readonly [string, Uint8Array][] = [
    ['dates through 2049 are UTCTime', withElement(4, encodeSequence(generalizedTime(-1), generalizedTime(1)))],
    ['it has no unique identifiers', withElement(6, concatBytes([elementsOf(toBeSigned())[6], uniqueIdentifier]))],
    ['reads back:', withElement(0, encodeExplicit(0, encodeInteger(1)))],
    ['reads back:', withElement(1, encodeInteger(new Uint8Array(1)))],
    ['reads back:', withElement(1, encodeInteger(new Uint8Array(21).fill(7)))],
  ];
  const cases: readonly [string, Uint8Array][] = [
    ...broken.map(([rule, parts]) => [rule, toBeSigned(...parts)] as [string, Uint8Array]),
    ...rewritten,
  ];
  // What is said of names and keys is said by codes of its own: see below.
  const covered = [...cases.map(([rule]) => rule), 'each of its names', 'its key is of a type and size'];
  for (const { rule } of endEntityRules)
    assert.ok(
      covered.some((start) => rule.startsWith(start)),
      rule,
    );
  for (const [rule, bytes] of cases) {
    assert.throws(
      () => lintEndEntity(bytes, issuer.facts, context),
      (error: { code?: string; evidence?: { rule: string; clause: string } }) => {
        assert.equal(error.code, 'CS-AUTHORITY-001', rule);
        assert.ok(error.evidence?.rule.startsWith(rule), `${rule} / ${error.evidence?.rule ?? ''}`);
        assert.notEqual(error.evidence?.clause, '');
        return true;
      },
    );
  }
});

test('the policy on names is part of the lint', () => {
  for (const names of [{ dns: ['*.internal'] }, { dns: ['web'], ip: ['127.0.0.1'] }, { dns: ['WEB'] }]) {
    const bytes = toBeSigned(
      { subject: encodeName({}) },
      { names: subjectAltNameExtension({ uri: ['spiffe://dev.internal/web'], ...names }, true) },
    );
    assert.throws(() => lintEndEntity(bytes, issuer.facts, context), { code: 'CS-AUTHORITY-003' });
  }
});

test('the rule on keys is part of the lint', () => {
  for (const type of ['P-521', 'ML-DSA-44'] as const) {
    const { raw } = generatePrivateKey(type).publicKey;
    assert.throws(() => lintEndEntity(toBeSigned({ publicKey: raw }), issuer.facts, context), {
      code: 'CS-PROFILE-002',
    });
  }
});

test('what does not read back is not signed', () => {
  assert.throws(() => lintEndEntity(Uint8Array.of(0x30, 0), issuer.facts, context), { code: 'CS-AUTHORITY-001' });
});

test('an end-entity certificate does not pass for an authority', () => {
  const place = { trustDomain: 'dev.internal', pathLength: 0, selfSigned: false };
  assert.throws(() => lintAuthority(toBeSigned(), issuer.facts, place), { code: 'CS-AUTHORITY-001' });
});

/** The elements of a TBSCertificate, in order. */
function elementsOf(tbs: Uint8Array): [...Uint8Array[]] & { 6: Uint8Array } {
  const fields = DerReader.over(tbs).enter(tags.sequence);
  const elements: Uint8Array[] = [];
  while (!fields.done) elements.push(fields.element());
  return elements as Uint8Array[] & { 6: Uint8Array };
}

/** A TBSCertificate with another element in one place. */
function withElement(place: number, element: Uint8Array): Uint8Array {
  return encodeSequence(...elementsOf(toBeSigned()).map((one, at) => (at === place ? element : one)));
}

/** RFC 5280, 4.1.2.8: issuerUniqueID. */
const uniqueIdentifier = encodeElement(0x81, Uint8Array.of(0, 1));

function generalizedTime(hours: number): Uint8Array {
  const text = new Date(nowMs + hours * 3_600_000).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return encodeElement(tags.generalizedTime, new TextEncoder().encode(text));
}

/** What is written by our own encoder is never critical: the flag is put in by hand. */
function asCritical(extension: Uint8Array): Uint8Array {
  const fields = DerReader.over(extension).enter(tags.sequence);
  const parts = [fields.element(tags.objectIdentifier), encodeBoolean(true), fields.element(tags.octetString)];
  return encodeSequence(...parts);
}

/** An authority key identifier that names the issuer's certificate, too. */
function issuerAndSerial(): Uint8Array {
  const identifier = fromHex(issuer.facts.keyIdentifier) ?? new Uint8Array();
  const value = encodeSequence(
    encodeImplicit(0, identifier),
    encodeElement(0xa1, encodeElement(0xa4, issuer.facts.name)),
    encodeImplicit(2, Uint8Array.of(5)),
  );
  return encodeSequence(encodeOid('2.5.29.35'), encodeOctetString(value));
}

/** 1.2.3, not critical, NULL. */
function anyExtension(): Uint8Array {
  return Uint8Array.of(0x30, 8, 6, 2, 0x2a, 3, 4, 2, 5, 0);
}

test('what a profile adds passes in exactly its form', () => {
  const rich: Profile = {
    ...serviceProfile,
    keyTypes: ['RSA'],
    keyUsage: ['digitalSignature', 'keyEncipherment', 'keyAgreement'],
    policies: ['1.2.3.4'],
    subject: { commonName: false, organization: 'Example' },
    revocation: { crl: ['http://crl.internal/a.crl'], ocsp: ['http://ocsp.internal'], noRevAvail: false },
  };
  const rsa = generatePrivateKey('RSA').publicKey;
  const spiffeId = 'spiffe://dev.internal/web';
  const names = { dns: ['web'], uri: [spiffeId], ip: [], email: [], spiffeId };
  const times = { notBeforeMs: nowMs - 60_000, notAfterMs: nowMs + 3_600_000 };
  const fields = { serialNumber: randomSerialNumber(), issuer: issuer.facts, names, ...times };
  const written = encodeEndEntity({ ...fields, profile: rich, publicKey: rsa.raw });
  lintEndEntity(written, issuer.facts, { ...context, profile: rich });
  const { revocation } = rich;
  const others: readonly [string, Partial<Profile>][] = [
    ['its distribution points', { revocation: { ...revocation, crl: ['http://crl.internal/b.crl'] } }],
    ['its OCSP responders', { revocation: { ...revocation, ocsp: [] } }],
    ['it has exactly the policies', { policies: [] }],
    ['its key signs, and does no more', { keyUsage: ['digitalSignature'] }],
    ['the subject is what', { subject: { commonName: false } }],
  ];
  for (const [rule, over] of others) {
    assert.throws(
      () => lintEndEntity(written, issuer.facts, { ...context, profile: { ...rich, ...over } }),
      (error: { evidence?: { rule: string } }) => error.evidence?.rule.startsWith(rule) === true,
      rule,
    );
  }
  // Told is an address that everybody reads alike: nothing relative, no other scheme, no name of a person.
  for (const url of [
    'ftp://crl.internal/a',
    '/a.crl',
    'http://user@crl.internal/',
    'http://crl.internal/a b',
    'http://CRL.internal/',
  ]) {
    const profile = { ...rich, revocation: { ...revocation, crl: [url] } };
    assert.throws(
      () => {
        const bytes = encodeEndEntity({ ...fields, profile, publicKey: rsa.raw });
        lintEndEntity(bytes, issuer.facts, { ...context, profile });
      },
      { code: 'CS-AUTHORITY-001' },
      url,
    );
  }
});

test('an authority signs for no other size of RSA key than 2048 to 4096 bits', () => {
  for (const [bits, rule] of [
    [1024, /2048 to 4096/],
    [8192, /2048 to 4096/],
    [2048, undefined],
  ] as const) {
    const found = brokenKeyRule({ ...key.publicKey, type: 'RSA', bits });
    if (rule === undefined) assert.equal(found, undefined);
    else assert.match(found ?? '', rule);
  }
});

test('mailboxes are signed where the profile has patterns of them, and are an unknown kind elsewhere', () => {
  const pattern = parseMailboxPattern('*@example.test');
  assert.ok(typeof pattern === 'object');
  const profile = { ...serviceProfile, names: { ...serviceProfile.names, email: [pattern] } };
  const uri = ['spiffe://dev.internal/web'];
  const withMailbox = (email: string): Uint8Array =>
    toBeSigned({}, { names: subjectAltNameExtension({ dns: ['web'], uri, email: [email] }, false) });
  lintEndEntity(withMailbox('Ops@example.test'), issuer.facts, { ...context, profile });
  const refused = (email: string, over: Profile): string => {
    try {
      lintEndEntity(withMailbox(email), issuer.facts, { ...context, profile: over });
    } catch (error) {
      const { code, evidence } = error as { code: string; evidence: { rule: string } };
      return `${code} ${evidence.rule}`;
    }
    return 'signed';
  };
  assert.match(refused('Ops@example.test', serviceProfile), /^CS-AUTHORITY-001 .*no name of a kind/);
  assert.match(refused('Ops@other.test', profile), /^CS-AUTHORITY-003 no pattern/);
  // Granted it would be written otherwise: what is signed has one spelling.
  assert.match(refused('Ops@EXAMPLE.test', profile), /^CS-AUTHORITY-001 each of its names/);
});

test('a mailbox outside the constraints on the issuer is not signed', () => {
  const pattern = parseMailboxPattern('*@**.test');
  assert.ok(typeof pattern === 'object');
  const profile = { ...serviceProfile, names: { ...serviceProfile.names, email: [pattern] } };
  const nothing = { dns: [], uri: [], email: [], ip: [], directory: [], others: [] };
  const constraints = { permitted: { ...nothing, email: ['.corp.test'] }, excluded: nothing };
  const facts = { ...issuer.facts, constrainedBy: [{ issuer: 'CN=corp', constraints }] };
  const names = (email: string): Uint8Array =>
    subjectAltNameExtension({ dns: ['web'], uri: ['spiffe://dev.internal/web'], email: [email] }, false);
  lintEndEntity(toBeSigned({}, { names: names('ops@a.corp.test') }), facts, { ...context, profile });
  assert.throws(() => lintEndEntity(toBeSigned({}, { names: names('ops@b.test') }), facts, { ...context, profile }), {
    code: 'CS-ISSUER-001',
  });
});
