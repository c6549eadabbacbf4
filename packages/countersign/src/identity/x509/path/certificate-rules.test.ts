import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { DerReader } from '../../../ground/encoding/index.ts';
import {
  authorityExtensions,
  type Holder,
  makeIssuer,
  makeRoot,
  makeService,
} from '../../../../../../tests/fixtures/certificates.ts';
import { question, refusalOf, refuses } from '../../../../../../tests/fixtures/paths.ts';
import {
  type PublicKeyInfo,
  type PublicKeyType,
  readPublicKeyInfo,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
} from '../algorithms.ts';
import {
  type Certificate,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  type KeyUsage,
  keyUsageExtension,
  type PathInput,
  type PathProfile,
  type PathPurpose,
  subjectAltNameExtension,
  validatePath,
  type Weakness,
} from '../index.ts';
import {
  requireAuthority,
  requireKnownExtensions,
  requireSoundKey,
  requireSoundSignature,
} from './certificate-rules.ts';

const root = makeRoot();
const issuer = makeIssuer(root);
const { clientAuth, serverAuth, feedSigning, anyExtendedKeyUsage, emailProtection } = extendedKeyUsages;
const { certificate } = issuer;

function keyOf(type: PublicKeyType, bits = 0): PublicKeyInfo {
  return { ...certificate.publicKey, type, bits, oid: '1.2.3' };
}

const passes = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'CS-X509-002');
    return false;
  }
};

test('RSA keys: 2048 bits at least, 1024 by name, 16384 at most', () => {
  for (const type of ['RSA', 'RSA-PSS'] as const) {
    const sound = (bits: number, allowed?: Weakness[]): boolean =>
      passes(() => requireSoundKey(keyOf(type, bits), allowed));
    const asked = [512, 1023, 1024, 2047, 2048, 4096, 16_384, 16_385];
    assert.deepEqual(
      asked.filter((bits) => sound(bits)),
      [2048, 4096, 16_384],
    );
    assert.deepEqual(
      asked.filter((bits) => sound(bits, ['sha1', 'dsa'])),
      [2048, 4096, 16_384],
    );
    assert.deepEqual(
      asked.filter((bits) => sound(bits, ['rsa-1024'])),
      [1024, 2047, 2048, 4096, 16_384],
    );
    refuses(() => requireSoundKey(keyOf(type, 1024)), 'CS-X509-002', {
      algorithm: 'RSA key of 1024 bits; 2048 at least',
    });
    refuses(() => requireSoundKey(keyOf(type, 1023), ['rsa-1024']), 'CS-X509-002', {
      algorithm: 'RSA key of 1023 bits; 1024 at least',
    });
  }
});

test('other keys: known ones are sound, DSA by name, unknown ones never', () => {
  const everything: Weakness[] = ['sha1', 'dsa', 'rsa-1024'];
  for (const type of ['P-256', 'P-384', 'P-521', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65', 'ML-DSA-87'] as const) {
    assert.equal(
      passes(() => requireSoundKey(keyOf(type))),
      true,
      type,
    );
  }
  refuses(() => requireSoundKey(keyOf('DSA')), 'CS-X509-002', { algorithm: 'public key 1.2.3' });
  refuses(() => requireSoundKey(keyOf('DSA'), ['sha1', 'rsa-1024']), 'CS-X509-002', { algorithm: 'public key 1.2.3' });
  requireSoundKey(keyOf('DSA'), ['dsa']);
  refuses(() => requireSoundKey(keyOf('other'), everything), 'CS-X509-002', { algorithm: 'public key 1.2.3' });
});

test('signatures: SHA-1 and DSA each by name, both where both are in it, unknown ones never', () => {
  const sound = (algorithm: SignatureAlgorithm | UnknownAlgorithm, ...allowed: Weakness[]): boolean =>
    passes(() => requireSoundSignature(algorithm, allowed));
  for (const algorithm of [
    'ecdsa-with-SHA256',
    'Ed25519',
    'sha256WithRSAEncryption',
    'RSASSA-PSS-SHA512',
    'ML-DSA-44',
  ] as const) {
    assert.equal(sound(algorithm), true, algorithm);
  }
  for (const algorithm of ['sha1WithRSAEncryption', 'ecdsa-with-SHA1'] as const) {
    assert.deepEqual(
      [sound(algorithm), sound(algorithm, 'dsa', 'rsa-1024'), sound(algorithm, 'sha1')],
      [false, false, true],
    );
  }
  assert.deepEqual(
    [sound('dsa-with-SHA256'), sound('dsa-with-SHA256', 'sha1'), sound('dsa-with-SHA256', 'dsa')],
    [false, false, true],
  );
  assert.deepEqual(
    [sound('dsa-with-SHA1', 'sha1'), sound('dsa-with-SHA1', 'dsa'), sound('dsa-with-SHA1', 'dsa', 'sha1')],
    [false, false, true],
  );
  assert.equal(sound('oid 1.2.840.113549.1.1.4', 'sha1', 'dsa', 'rsa-1024'), false);
  refuses(() => requireSoundSignature('oid 1.2.3'), 'CS-X509-002', { algorithm: 'signature oid 1.2.3' });
  refuses(() => requireSoundSignature('ecdsa-with-SHA1'), 'CS-X509-002', {
    algorithm: 'signature ecdsa-with-SHA1, outdated',
  });
});

/** Changes what was parsed: no real key, and a signature that counts as verified. */
function ask(leaf: Certificate, anchor: Certificate, more: Partial<PathInput> = {}): unknown {
  return validatePath(question(leaf, [], root, { anchors: [anchor], verifySignature: () => true, ...more }));
}

test('keys and signatures are looked at along the whole path, with what was allowed by name', () => {
  const leaf = makeService(root).certificate;
  const weak = keyOf('RSA', 1024);
  const weakLeaf = { ...leaf, publicKey: weak };
  const rsaSigned = { ...leaf, signatureAlgorithm: 'sha256WithRSAEncryption' } as const;
  const weakRoot = { ...root.certificate, publicKey: weak };
  const algorithm = 'RSA key of 1024 bits; 2048 at least';
  refuses(() => ask(weakLeaf, root.certificate), 'CS-X509-002', { algorithm });
  refuses(() => ask(rsaSigned, weakRoot), 'CS-X509-002', { algorithm });
  ask(weakLeaf, root.certificate, { dangerouslyAllow: ['rsa-1024'] });
  ask(rsaSigned, weakRoot, { dangerouslyAllow: ['rsa-1024'] });
  const old = { ...leaf, signatureAlgorithm: 'ecdsa-with-SHA1' } as const;
  refuses(() => ask(old, root.certificate), 'CS-X509-002', { algorithm: 'signature ecdsa-with-SHA1, outdated' });
  ask(old, root.certificate, { dangerouslyAllow: ['sha1'] });
  const unknown = { ...leaf, signatureAlgorithm: 'oid 1.2.3' } as const;
  refuses(() => ask(unknown, root.certificate, { dangerouslyAllow: ['sha1', 'dsa'] }), 'CS-X509-002', {
    algorithm: 'signature oid 1.2.3',
  });
  // How the anchor was signed matters to nobody: it is trusted as it is.
  ask(leaf, { ...root.certificate, signatureAlgorithm: 'oid 1.2.3' });
  // Nobody verifies with a key of another kind.
  refuses(() => ask(rsaSigned, root.certificate), 'CS-PATH-009', {
    subject: 'web.internal',
    algorithm: 'sha256WithRSAEncryption',
    keyType: 'P-256',
  });
});

test('a real key of 1024 bits is read, and refused', () => {
  const spki = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'der' });
  const { type, bits } = readPublicKeyInfo(DerReader.over(new Uint8Array(spki)));
  assert.deepEqual([type, bits], ['RSA', 1024]);
  const leaf = makeService(root, { publicKey: new Uint8Array(spki) });
  assert.equal(refusalOf(() => validatePath(question(leaf, [], root))).code, 'CS-X509-002');
  validatePath(question(leaf, [], root, { dangerouslyAllow: ['rsa-1024'] }));
});

test('critical extensions: those that are processed, and no others', () => {
  const processed = [
    '2.5.29.14',
    '2.5.29.15',
    '2.5.29.17',
    '2.5.29.19',
    '2.5.29.30',
    '2.5.29.32',
    '2.5.29.33',
    '2.5.29.35',
    '2.5.29.36',
    '2.5.29.37',
    '2.5.29.54',
  ];
  const others = [
    '2.5.29.9',
    '2.5.29.16',
    '2.5.29.18',
    '2.5.29.31',
    '2.5.29.46',
    '2.5.29.56',
    '1.3.6.1.5.5.7.1.1',
    '1.3.6.1.4.1.11129.2.4.3',
    '1.2.3',
  ];
  const value = new Uint8Array();
  for (const oid of processed) requireKnownExtensions({ ...certificate, extensions: [{ oid, critical: true, value }] });
  for (const oid of others) {
    requireKnownExtensions({ ...certificate, extensions: [{ oid, critical: false, value }] });
    const extensions = [...certificate.extensions, { oid, critical: true, value }];
    refuses(() => requireKnownExtensions({ ...certificate, extensions }), 'CS-PATH-007', {
      subject: 'CN=test issuer',
      extension: oid,
    });
  }
});

test('an authority: cA, and keyCertSign where keyUsage says anything', () => {
  requireAuthority(certificate);
  requireAuthority({ ...certificate, keyUsage: undefined });
  requireAuthority({ ...certificate, keyUsage: ['keyCertSign'] });
  for (const basicConstraints of [undefined, { ca: false }]) {
    refuses(() => requireAuthority({ ...certificate, basicConstraints }), 'CS-PATH-005', {
      issuer: 'CN=test issuer',
      rule: 'basicConstraints without cA',
    });
  }
  refuses(() => requireAuthority({ ...certificate, keyUsage: ['cRLSign'] }), 'CS-PATH-005', {
    issuer: 'CN=test issuer',
    rule: 'keyUsage without keyCertSign',
  });
});

const purposes = ['client', 'server', 'feed', 'any'] as const;
const profiles = ['mutual-tls', 'rfc5280', 'rfc5280-section-6', 'webpki'] as const;

/** The purposes for which a path is valid. */
function fitFor(leaf: Holder, between: Holder[], profile: PathProfile, more: Partial<PathInput> = {}): PathPurpose[] {
  return purposes.filter((purpose) => {
    try {
      validatePath(question(leaf, between, root, { profile, purpose, isPublicSuffix: () => false, ...more }));
      return true;
    } catch (error) {
      assert.match((error as { code: string }).code, /^CS-PATH-0(08|13)$/);
      return false;
    }
  });
}

function serviceFor(usages: readonly KeyUsage[] | undefined, ...oids: string[]): Holder {
  return makeService(issuer, {
    extensions: [
      ...(usages === undefined ? [] : [keyUsageExtension(usages)]),
      ...(oids.length === 0 ? [] : [extendedKeyUsageExtension(oids)]),
      subjectAltNameExtension({ dns: ['web.internal'] }, true),
    ],
  });
}

test('purposes of the end-entity by profile: any purpose counts by RFC 5280 alone, no purpose at all counts but on the Web', () => {
  const signing: KeyUsage[] = ['digitalSignature'];
  const table: readonly (readonly [string[], Readonly<Record<PathProfile, string>>])[] = [
    [
      [],
      {
        'mutual-tls': 'client server any',
        rfc5280: 'client server any',
        'rfc5280-section-6': 'client server any',
        webpki: '',
      },
    ],
    [
      [clientAuth],
      { 'mutual-tls': 'client any', rfc5280: 'client any', 'rfc5280-section-6': 'client any', webpki: 'client any' },
    ],
    [
      [serverAuth],
      { 'mutual-tls': 'server any', rfc5280: 'server any', 'rfc5280-section-6': 'server any', webpki: 'server any' },
    ],
    [[emailProtection], { 'mutual-tls': 'any', rfc5280: 'any', 'rfc5280-section-6': 'any', webpki: 'any' }],
    [
      [anyExtendedKeyUsage],
      { 'mutual-tls': 'any', rfc5280: 'client server any', 'rfc5280-section-6': 'client server any', webpki: '' },
    ],
    [
      [feedSigning],
      { 'mutual-tls': 'feed any', rfc5280: 'feed any', 'rfc5280-section-6': 'feed any', webpki: 'feed any' },
    ],
    [
      [feedSigning, clientAuth],
      { 'mutual-tls': 'client any', rfc5280: 'client any', 'rfc5280-section-6': 'client any', webpki: 'client any' },
    ],
  ];
  for (const [oids, expected] of table) {
    const leaf = serviceFor(signing, ...oids);
    for (const profile of profiles)
      assert.equal(fitFor(leaf, [issuer], profile).join(' '), expected[profile], `${profile}: ${oids.join(' ')}`);
  }
});

test('purposes of an issuer narrow, any purpose narrows nothing, and they may be ignored', () => {
  const limited = (...oids: string[]): Holder =>
    makeIssuer(root, { extensions: [...authorityExtensions(), extendedKeyUsageExtension(oids)] });
  for (const profile of profiles) {
    const [clients, anything, neither] = [limited(clientAuth), limited(anyExtendedKeyUsage), limited(emailProtection)];
    assert.deepEqual(fitFor(makeService(clients), [clients], profile), ['client', 'any'], profile);
    assert.deepEqual(fitFor(makeService(anything), [anything], profile), ['client', 'server', 'any'], profile);
    const feed = makeService(anything, {
      extensions: [keyUsageExtension(['digitalSignature']), extendedKeyUsageExtension([feedSigning])],
      subject: 'feed',
    });
    assert.ok(!fitFor(feed, [anything], profile).includes('feed'), profile);
    assert.deepEqual(fitFor(makeService(neither), [neither], profile), ['any'], profile);
    assert.deepEqual(
      fitFor(makeService(neither), [neither], profile, { issuerKeyPurposes: 'narrow' }),
      ['any'],
      profile,
    );
    assert.deepEqual(
      fitFor(makeService(neither), [neither], profile, { issuerKeyPurposes: 'ignored' }),
      ['client', 'server', 'any'],
      profile,
    );
  }
});

test('keys that may not sign handshakes: refused in mutual TLS, with key transport alone taken on the Web', () => {
  const both = [clientAuth, serverAuth];
  const table: readonly (readonly [KeyUsage[] | undefined, Readonly<Record<PathProfile, boolean>>])[] = [
    [undefined, { 'mutual-tls': true, rfc5280: true, 'rfc5280-section-6': true, webpki: true }],
    [
      ['digitalSignature', 'keyAgreement'],
      { 'mutual-tls': true, rfc5280: true, 'rfc5280-section-6': true, webpki: true },
    ],
    [['keyEncipherment'], { 'mutual-tls': false, rfc5280: true, 'rfc5280-section-6': true, webpki: true }],
    [['keyAgreement'], { 'mutual-tls': false, rfc5280: true, 'rfc5280-section-6': true, webpki: false }],
  ];
  for (const [usages, expected] of table) {
    const leaf = serviceFor(usages, ...both);
    for (const profile of profiles)
      assert.equal(
        fitFor(leaf, [issuer], profile).includes('server'),
        expected[profile],
        `${profile}: ${usages?.join(' ')}`,
      );
  }
  refuses(() => validatePath(question(serviceFor(['keyAgreement'], clientAuth), [issuer], root)), 'CS-PATH-008', {
    subject: 'web.internal',
    needed: 'digitalSignature',
    found: ['keyAgreement'],
  });
});

test('an authority as the end-entity: by RFC 5280 alone, or where nothing is asked', () => {
  const authority = makeIssuer(root, { names: { dns: ['web.internal'] } });
  assert.deepEqual(fitFor(authority, [], 'mutual-tls'), ['any']);
  assert.deepEqual(fitFor(authority, [], 'rfc5280'), ['client', 'server', 'any']);
  assert.deepEqual(fitFor(authority, [], 'rfc5280-section-6'), ['client', 'server', 'any']);
});

test('usages that were asked for must be allowed where the certificate restricts them, for any purpose', () => {
  const askFor = (usages: KeyUsage[] | undefined, keyUsage: KeyUsage[], purpose: PathPurpose): unknown =>
    validatePath(question(serviceFor(usages, clientAuth), [issuer], root, { keyUsage, purpose }));
  for (const purpose of ['client', 'any'] as const) {
    askFor(['digitalSignature', 'keyAgreement'], ['keyAgreement', 'digitalSignature'], purpose);
    askFor(undefined, ['keyAgreement'], purpose);
    refuses(() => askFor(['digitalSignature'], ['digitalSignature', 'keyAgreement'], purpose), 'CS-PATH-008', {
      subject: 'web.internal',
      needed: 'keyAgreement',
      found: ['digitalSignature'],
    });
  }
});
