import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBoolean, encodeOctetString, encodeOid, encodeSequence } from '../../../ground/encoding/index.ts';
import { isRefusal, type Refusal } from '../../../ground/errors/index.ts';
import {
  anyExtension,
  authorityExtensions,
  generatePrivateKey,
  type Holder,
  hourMs,
  makeIssuer,
  makeRoot,
  makeService,
  type Recipe,
  serviceExtensions,
  testMoment,
  verifySignature,
} from '../../../../../../tests/fixtures/certificates.ts';
import {
  basicConstraintsExtension,
  type Certificate,
  certificateCarriesName,
  encodeName,
  encodeSigned,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  parseCertificate,
  type PathInput,
  subjectAltNameExtension,
  type VerifySignature,
  validatePath,
} from '../index.ts';

const root = makeRoot();
const issuer = makeIssuer(root);
const { clientAuth, serverAuth, feedSigning } = extendedKeyUsages;

/** The path from a service to the root, through `between`, from the leaf upwards. */
function validate(
  leaf: Holder | Certificate,
  between: readonly Holder[] = [],
  more: Partial<PathInput> = {},
): readonly Certificate[] {
  return validatePath({
    leaf: 'key' in leaf ? leaf.certificate : leaf,
    intermediates: between.map(({ certificate }) => certificate),
    anchors: [root.certificate],
    at: testMoment,
    purpose: 'client',
    verifySignature,
    ...more,
  }).certificates;
}

function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    assert.ok(isRefusal(error), String(error));
    return error;
  }
  return assert.fail('not refused');
}

/** Asserts the code, and the evidence whole. */
function refuses(act: () => unknown, code: string, evidence: Record<string, unknown>): void {
  const refusal = refusalOf(act);
  assert.equal(refusal.code, code, refusal.message);
  assert.deepEqual(refusal.evidence, evidence);
}

const at = (ms: number): string => new Date(ms).toISOString().replace('.000', '');

test('a service under the root, and one under an issuer, are valid for both purposes', () => {
  const direct = makeService(root);
  assert.deepEqual(validate(direct), [direct.certificate, root.certificate]);
  const service = makeService(issuer);
  for (const purpose of ['client', 'server', 'any'] as const) {
    const path = validate(service, [issuer], { purpose });
    assert.deepEqual(path, [service.certificate, issuer.certificate, root.certificate]);
  }
});

test('the order of the intermediates, strangers and repetitions among them do not matter', () => {
  const [a, b] = [makeIssuer(root, { subject: 'a' }), makeIssuer(makeRoot())];
  const lower = makeIssuer(a, { subject: 'lower' });
  const service = makeService(lower);
  for (const between of [
    [lower, a],
    [a, lower],
    [b, a, a, b, service, lower, root],
  ]) {
    assert.equal(validate(service, between).length, 4);
  }
});

test('every kind of key can sign', () => {
  for (const type of ['P-256', 'P-384', 'Ed25519'] as const) {
    const own = makeRoot({ key: generatePrivateKey(type), subject: `root ${type}` });
    const service = makeService(makeIssuer(own, { key: generatePrivateKey(type) }));
    const between = makeIssuer(own, { key: generatePrivateKey(type) });
    const leaf = makeService(between, { key: generatePrivateKey(type) });
    assert.equal(validate(leaf, [between], { anchors: [own.certificate] }).length, 3);
    assert.equal(refusalOf(() => validate(service, [between], { anchors: [own.certificate] })).code, 'CS-PATH-004');
  }
});

test('CS-PATH-001: nobody at hand issued it', () => {
  const stranger = makeService(makeIssuer(makeRoot({ subject: 'other root' }), { subject: 'other issuer' }));
  refuses(() => validate(stranger, [issuer]), 'CS-PATH-001', {
    subject: 'web.internal',
    issuer: 'CN=other issuer',
    anchors: ['CN=test root'],
  });
  refuses(() => validate(makeService(issuer), [], { anchors: [] }), 'CS-PATH-001', {
    subject: 'web.internal',
    issuer: 'CN=test issuer',
    anchors: [],
  });
  // An intermediate that was trusted by nobody does not become an anchor by being sent.
  assert.equal(refusalOf(() => validate(makeService(issuer), [issuer, root], { anchors: [] })).code, 'CS-PATH-001');
  const selfSigned = makeRoot({ subject: 'self', extensions: serviceExtensions() });
  assert.equal(refusalOf(() => validate(selfSigned, [selfSigned])).code, 'CS-PATH-001');
});

test('CS-PATH-002 and -003: validity is inclusive at both ends, for each certificate of the path', () => {
  const [notBefore, notAfter] = [testMoment - 5000, testMoment + 5000];
  const service = makeService(issuer, { notBefore, notAfter });
  for (const moment of [notBefore, notAfter, notAfter + 999]) validate(service, [issuer], { at: moment });
  refuses(() => validate(service, [issuer], { at: notAfter + 1000 }), 'CS-PATH-002', {
    subject: 'web.internal',
    notAfter: at(notAfter),
    at: at(notAfter + 1000),
  });
  refuses(() => validate(service, [issuer], { at: notBefore - 1 }), 'CS-PATH-003', {
    subject: 'web.internal',
    notBefore: at(notBefore),
    at: at(notBefore - 1000),
  });
  const stale = makeIssuer(root, { subject: 'stale', notAfter: testMoment - 1000 });
  const { evidence } = refusalOf(() => validate(makeService(stale), [stale]));
  assert.equal(evidence.subject, 'CN=stale');
  const early = makeRoot({ notBefore: testMoment + 1000 });
  const refusal = refusalOf(() => validate(makeService(early), [], { anchors: [early.certificate] }));
  assert.equal(refusal.code, 'CS-PATH-003');
});

test('a moment that is no number is a mistake of the caller, and never valid', () => {
  for (const moment of [Number.NaN, Infinity, -Infinity]) {
    assert.throws(() => validate(makeService(root), [], { at: moment }), TypeError);
  }
});

test('CS-PATH-004: signed by another key of the same name, or changed afterwards', () => {
  const impostor = makeRoot();
  refuses(() => validate(makeService(impostor)), 'CS-PATH-004', { subject: 'web.internal', issuer: 'CN=test root' });
  const { certificate } = makeService(root);
  const tampered = Uint8Array.from(certificate.tbs);
  tampered[12] = (tampered[12] ?? 0) ^ 1;
  const changed = parseCertificate(encodeSigned(tampered, root.key.signatureAlgorithm, certificate.signature));
  assert.equal(refusalOf(() => validate(changed)).code, 'CS-PATH-004');
  const forged = makeIssuer(makeRoot(), { subject: 'forged' });
  refuses(() => validate(makeService(forged), [forged]), 'CS-PATH-004', {
    subject: 'CN=forged',
    issuer: 'CN=test root',
  });
});

test('CS-PATH-004: work is bounded where issuers are crossed', () => {
  let verified = 0;
  const counting: VerifySignature = (...of) => {
    verified++;
    return verifySignature(...of);
  };
  const twins = Array.from({ length: 150 }, () => makeIssuer(makeRoot({ subject: 'twin' }), { subject: 'twin' }));
  const anchors = [makeRoot({ subject: 'twin' }).certificate];
  const start = performance.now();
  const refusal = refusalOf(() =>
    validate(makeService(makeIssuer(root, { subject: 'twin' })), twins, { anchors, verifySignature: counting }),
  );
  assert.equal(refusal.code, 'CS-PATH-004');
  assert.ok(verified <= 100, `${verified} signatures`);
  assert.ok(performance.now() - start < 1000);
  // With names alone to follow, and no anchor to reach.
  const lost = refusalOf(() => validate(makeService(twins[0]!), twins));
  assert.equal(lost.code, 'CS-PATH-001');
  assert.ok(performance.now() - start < 1500);
});

test('CS-PATH-005: whoever issues must be an authority', () => {
  const not = (extensions: Uint8Array[], rule: string): void => {
    const fake = makeIssuer(root, { subject: 'fake', extensions });
    refuses(() => validate(makeService(fake), [fake]), 'CS-PATH-005', { issuer: 'CN=fake', rule });
  };
  const ca = basicConstraintsExtension({ ca: true });
  not([keyUsageExtension(['keyCertSign'])], 'basicConstraints without cA');
  not([basicConstraintsExtension({ ca: false }), keyUsageExtension(['keyCertSign'])], 'basicConstraints without cA');
  not([ca, keyUsageExtension(['digitalSignature', 'cRLSign'])], 'keyUsage without keyCertSign');
  const bare = makeRoot({ extensions: [] });
  assert.equal(refusalOf(() => validate(makeService(bare), [], { anchors: [bare.certificate] })).code, 'CS-PATH-005');
  const service = makeService(root, { subject: 'service' });
  refuses(() => validate(makeService(service), [service]), 'CS-PATH-005', {
    issuer: 'CN=service',
    rule: 'basicConstraints without cA',
  });
});

test('CS-PATH-006: pathLenConstraint counts the intermediates below, self-issued ones left out', () => {
  const limited = (pathLength: number): Holder => makeIssuer(root, { subject: 'limited', pathLength });
  const zero = limited(0);
  validate(makeService(zero), [zero]);
  const under = makeIssuer(zero, { subject: 'under' });
  refuses(() => validate(makeService(under), [under, zero]), 'CS-PATH-006', {
    issuer: 'CN=limited',
    pathLength: 0,
    intermediates: 1,
  });
  const one = limited(1);
  const below = makeIssuer(one, { subject: 'below' });
  validate(makeService(below), [below, one]);
  const rekeyed = makeIssuer(zero, { subject: 'limited', pathLength: 0 });
  validate(makeService(rekeyed), [rekeyed, zero]);
  const strict = makeRoot({ pathLength: 0 });
  const lower = makeIssuer(strict);
  const refusal = refusalOf(() => validate(makeService(lower), [lower], { anchors: [strict.certificate] }));
  assert.equal(refusal.code, 'CS-PATH-006');
});

test('CS-PATH-006: six intermediates are the most', () => {
  const line = [makeIssuer(root, { subject: 'issuer 1' })];
  while (line.length < 7) line.push(makeIssuer(line.at(-1)!, { subject: `issuer ${line.length + 1}` }));
  assert.equal(validate(makeService(line[5]!), line).length, 8);
  refuses(() => validate(makeService(line[6]!), line), 'CS-PATH-006', {
    issuer: 'CN=issuer 1',
    pathLength: 6,
    intermediates: 7,
  });
});

const value = encodeSequence();
const marked = (oid: string, critical: boolean): Uint8Array =>
  anyExtension(encodeOid(oid), critical ? encodeBoolean(true) : new Uint8Array(), encodeOctetString(value));

test('CS-PATH-007: an unknown critical extension, wherever it stands in the path', () => {
  const more: Recipe = { moreExtensions: [marked('1.2.3.4', true)] };
  const [badRoot, badIssuer] = [makeRoot(more), makeIssuer(root, { subject: 'test issuer', ...more })];
  const inRoot = makeIssuer(badRoot);
  const cases: (readonly [() => unknown, string])[] = [
    [(): unknown => validate(makeService(inRoot), [inRoot], { anchors: [badRoot.certificate] }), 'CN=test root'],
    [(): unknown => validate(makeService(badIssuer), [badIssuer]), 'CN=test issuer'],
    [(): unknown => validate(makeService(issuer, more), [issuer]), 'web.internal'],
    [(): unknown => validate(makeService(issuer, more), [issuer], { purpose: 'any' }), 'web.internal'],
  ];
  for (const [act, subject] of cases) {
    const refusal = refusalOf(act);
    assert.equal(refusal.code, 'CS-PATH-007');
    assert.equal(refusal.evidence.subject, subject);
  }
  validate(makeService(issuer, { moreExtensions: [marked('1.2.3.4', false)] }), [issuer]);
});

test('CS-PATH-008: the usage of the end-entity certificate', () => {
  const usages = [keyUsageExtension(['digitalSignature'])];
  const only = (...oids: string[]): Holder =>
    makeService(issuer, { subject: 'one', extensions: [...usages, extendedKeyUsageExtension(oids)] });
  validate(only(clientAuth), [issuer], { purpose: 'client' });
  validate(only(serverAuth), [issuer], { purpose: 'server' });
  refuses(() => validate(only(serverAuth), [issuer], { purpose: 'client' }), 'CS-PATH-008', {
    subject: 'CN=one',
    needed: 'clientAuth',
    found: ['serverAuth'],
  });
  refuses(() => validate(only(clientAuth, '1.2.3'), [issuer], { purpose: 'server' }), 'CS-PATH-008', {
    subject: 'CN=one',
    needed: 'serverAuth',
    found: ['clientAuth', '1.2.3'],
  });
  // anyExtendedKeyUsage is not what was asked for.
  assert.equal(refusalOf(() => validate(only('2.5.29.37.0'), [issuer])).code, 'CS-PATH-008');
  const signing = makeService(issuer, {
    extensions: [keyUsageExtension(['keyAgreement']), subjectAltNameExtension({ dns: ['web.internal'] }, true)],
  });
  refuses(() => validate(signing, [issuer]), 'CS-PATH-008', {
    subject: 'web.internal',
    needed: 'digitalSignature',
    found: ['keyAgreement'],
  });
  refuses(() => validate(issuer), 'CS-PATH-008', {
    subject: 'CN=test issuer',
    needed: 'an end-entity certificate',
    found: "an authority's",
  });
  validate(issuer, [], { purpose: 'any' });
});

test('CS-PATH-008: the usage of an authority narrows what stands below it', () => {
  const narrow = makeIssuer(root, {
    subject: 'narrow',
    extensions: [...authorityExtensions(), extendedKeyUsageExtension([clientAuth])],
  });
  validate(makeService(narrow), [narrow], { purpose: 'client' });
  refuses(() => validate(makeService(narrow), [narrow], { purpose: 'server' }), 'CS-PATH-008', {
    subject: 'CN=narrow',
    needed: 'serverAuth',
    found: ['clientAuth'],
  });
});

test('CS-PATH-008: the feed is signed by a certificate for that alone, which is good for nothing else', () => {
  const withUsage = (...oids: string[]): Holder =>
    makeService(issuer, {
      subject: 'feed',
      extensions: [
        keyUsageExtension(['digitalSignature']),
        ...(oids.length === 0 ? [] : [extendedKeyUsageExtension(oids, true)]),
      ],
    });
  validate(withUsage(feedSigning), [issuer], { purpose: 'feed' });
  for (const purpose of ['client', 'server'] as const) {
    assert.equal(refusalOf(() => validate(withUsage(feedSigning), [issuer], { purpose })).code, 'CS-PATH-008');
  }
  for (const usages of [[], [clientAuth], [feedSigning, clientAuth], [feedSigning, feedSigning]]) {
    const refusal = refusalOf(() => validate(withUsage(...usages), [issuer], { purpose: 'feed' }));
    assert.equal(refusal.code, 'CS-PATH-008', usages.join(' '));
  }
});

test("CS-PATH-009: an algorithm that does not go with the issuer's key", () => {
  const edwards = makeRoot({ key: generatePrivateKey('Ed25519'), subject: 'test root' });
  refuses(() => validate(makeService(edwards)), 'CS-PATH-009', {
    subject: 'web.internal',
    algorithm: 'Ed25519',
    keyType: 'P-256',
  });
});

test('CS-PATH-010: the name asked for, exactly and of its own kind', () => {
  const names = {
    dns: ['web.internal', '*.wild.internal'],
    uri: ['spiffe://dev.internal/web'],
    ip: ['10.0.0.1', '2001:db8::1'],
  };
  const { certificate } = makeService(root, { subject: 'common.internal', names });
  for (const name of ['web.internal', 'WEB.internal', '10.0.0.1', '2001:DB8:0::1', 'spiffe://dev.internal/web']) {
    certificateCarriesName(certificate, name);
  }
  const strangers = [
    'common.internal',
    'a.wild.internal',
    'web.internal.',
    'eb.internal',
    '10.0.0.2',
    '::1',
    'spiffe://dev.internal/WEB',
    'spiffe://dev.internal/web/',
    '',
    'wéb.internal',
  ];
  for (const name of strangers) {
    refuses(() => certificateCarriesName(certificate, name), 'CS-PATH-010', {
      name,
      found: [...names.dns, ...names.uri, ...names.ip],
    });
  }
  const kelvin = makeService(root, { names: { dns: ['k.internal'] } }).certificate;
  assert.equal(refusalOf(() => certificateCarriesName(kelvin, '\u212a.internal')).code, 'CS-PATH-010');
  // An address written as a DNS name is not that address.
  const disguised = makeService(root, { names: { dns: ['10.0.0.1'] } }).certificate;
  assert.equal(refusalOf(() => certificateCarriesName(disguised, '10.0.0.1')).code, 'CS-PATH-010');
});

test('of many failing paths the most useful refusal is told', () => {
  const service = makeService(issuer, { notAfter: testMoment - 1000 });
  const twin = makeIssuer(makeRoot(), { subject: 'test issuer' });
  for (const between of [
    [twin, issuer],
    [issuer, twin],
  ]) {
    assert.equal(refusalOf(() => validate(service, between)).code, 'CS-PATH-002');
  }
});

test('an issuer renewed with the same key: the path that is valid is found', () => {
  const old = makeIssuer(root, { key: issuer.key, notAfter: testMoment - hourMs / 2 });
  const service = makeService(issuer);
  for (const between of [
    [old, issuer],
    [issuer, old],
  ]) {
    assert.deepEqual(validate(service, between), [service.certificate, issuer.certificate, root.certificate]);
  }
});

test('a certificate without subject and alternative name of a known kind is called by its serial number', () => {
  const email = anyExtension(
    encodeOid('2.5.29.17'),
    encodeBoolean(true),
    encodeOctetString(encodeSequence(Uint8Array.of(0x81, 3, 0x61, 0x40, 0x62))),
  );
  const leaf = makeService(root, {
    subject: encodeName({}),
    serialNumber: Uint8Array.of(0x7f),
    extensions: [email, marked('1.2.3', true)],
  });
  assert.equal(refusalOf(() => validate(leaf)).evidence.subject, 'serial 7F');
});

test('what asks for nothing because it is misspelt is a mistake of the caller', () => {
  const mistaken = (more: Record<string, unknown>): void => {
    assert.throws(() => validate(makeService(root), [], more), TypeError, JSON.stringify(more));
  };
  for (const purpose of ['', 'Server', 'clientAuth', 'constructor', undefined]) mistaken({ purpose });
  for (const profile of ['', 'mutual-tsl', 'constructor', null]) mistaken({ profile });
  mistaken({ mostIntermediates: Number.NaN });
  for (const limit of [undefined, Number.NaN, '100']) mistaken({ limits: { signatures: limit } });
  validate(makeService(root), [], { limits: { signatures: Infinity } });
});
