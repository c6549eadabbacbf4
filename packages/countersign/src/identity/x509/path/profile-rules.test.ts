import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeElement, encodeUtf8String } from '../../../ground/encoding/index.ts';
import { type Holder, makeIssuer, makeRoot, makeService } from '../../../../../../tests/fixtures/certificates.ts';
import { question, refusalOf, refuses } from '../../../../../../tests/fixtures/paths.ts';
import type { Certificate } from '../certificate.ts';
import { extendedKeyUsages, extensionOids as oids } from '../extensions.ts';
import { anyPolicy, certificatePoliciesExtension } from '../extensions/policies.ts';
import { type PathProfile, parseNameText, validatePath } from '../index.ts';
import { noNames } from '../general-names.ts';
import { brokenRule, type PathPlace, rulesOf } from './profile-rules.ts';

const profiles = ['mutual-tls', 'rfc5280', 'rfc5280-section-6', 'webpki'] as const;
const root = makeRoot();
const issuer = makeIssuer(root);
const leaf = makeService(issuer);
const sound: Readonly<Record<PathPlace, Certificate>> = {
  'end-entity': leaf.certificate,
  issuer: issuer.certificate,
  anchor: root.certificate,
};

/** The sound certificate with one extension more, or in place of its own, whose contents do not matter here. */
function withExtension(certificate: Certificate, oid: string, critical: boolean): Certificate {
  const others = certificate.extensions.filter((extension) => extension.oid !== oid);
  return { ...certificate, extensions: [...others, { oid, critical, value: new Uint8Array() }] };
}

/** As if no authorityKeyIdentifier had been written. */
function withoutIssuersKey(certificate: Certificate): Certificate {
  const extensions = certificate.extensions.filter(({ oid }) => oid !== oids.authorityKeyIdentifier);
  return { ...certificate, extensions, authorityKeyIdentifier: undefined };
}

/** Beside a subject subjectAltName is not critical. */
function withSubject(certificate: Certificate, subject: string): Certificate {
  return { ...withExtension(certificate, oids.subjectAltName, false), subject: parseNameText(subject) };
}

const subtrees = { dns: [], uri: [], email: [], ip: [], directory: [], others: [] };
const constrained = { nameConstraints: { permitted: subtrees, excluded: subtrees } };
const mapped = { policyMappings: [{ issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.4' }] };

interface Breach {
  readonly rule: string;
  readonly clause: string;
  readonly in: readonly PathProfile[];
  readonly at: PathPlace;
  readonly change: (certificate: Certificate) => Certificate;
  /** Places where the same is allowed. */
  readonly allowedAt?: readonly PathPlace[];
}

const everywhere = ['mutual-tls', 'rfc5280', 'webpki'] as const;
const byStandard = ['rfc5280', 'webpki'] as const;
const web = ['webpki'] as const;

const names =
  (more: Partial<Certificate['subjectAltName']>) =>
  (certificate: Certificate): Certificate => ({
    ...certificate,
    subjectAltName: { ...certificate.subjectAltName, ...more },
  });

const notCritical = (name: string, oid: string, clause: string): Breach => ({
  rule: `${name} that is critical`,
  clause,
  in: byStandard,
  at: 'end-entity',
  change: (certificate) => withExtension(certificate, oid, true),
});

const critical = (
  name: string,
  oid: string,
  clause: string,
  profilesOfIt: readonly PathProfile[] = byStandard,
): Breach => ({
  rule: `${name} that is not critical`,
  clause,
  in: profilesOfIt,
  at: 'issuer',
  change: (certificate) => withExtension(certificate, oid, false),
});

const badAltName = {
  rule: 'a subjectAltName that breaks the form of its kind',
  clause: 'RFC 5280 4.2.1.6',
  in: byStandard,
  at: 'issuer',
} as const;
const unused = {
  rule: 'a key or signature that the public Web does not use',
  clause: 'BR 6.1.5, 7.1.3',
  in: web,
  at: 'issuer',
} as const;
const ownIdentifier = {
  rule: 'a root whose authorityKeyIdentifier is other than its own key alone',
  clause: 'BR 7.1.2.1.3',
  in: web,
  at: 'anchor',
  allowedAt: ['issuer'],
} as const;
const noPurpose = {
  rule: 'a server without extendedKeyUsage, or for any purpose',
  clause: 'BR 7.1.2.7.10',
  in: web,
  at: 'end-entity',
  allowedAt: ['issuer', 'anchor'],
} as const;
const otherNames = {
  rule: 'a server without alternative names, or with others than of DNS and addresses',
  clause: 'BR 7.1.2.7.12',
  in: web,
  at: 'end-entity',
  allowedAt: ['issuer', 'anchor'],
} as const;
const commonName = {
  rule: 'a common name that is not, character for character, one of the alternative names',
  clause: 'BR 7.1.4.3',
  in: web,
  at: 'end-entity',
  allowedAt: ['issuer', 'anchor'],
} as const;

const breaches: readonly Breach[] = [
  {
    rule: 'keyCertSign without cA',
    clause: 'RFC 5280 4.2.1.9',
    in: everywhere,
    at: 'end-entity',
    change: (certificate) => ({ ...certificate, keyUsage: ['digitalSignature', 'keyCertSign'] }),
  },
  {
    rule: 'a unique identifier',
    clause: 'RFC 5280 4.1.2.8',
    in: everywhere,
    at: 'issuer',
    change: (certificate) => ({ ...certificate, uniqueIdentifiers: true }),
  },
  {
    rule: 'noRevAvail on an authority, or beside a place where revocation is told',
    clause: 'RFC 9608 2, 3',
    in: everywhere,
    at: 'issuer',
    change: (certificate) => withExtension(certificate, oids.noRevAvail, false),
  },
  {
    rule: 'a time before 2050 as GeneralizedTime',
    clause: 'RFC 5280 4.1.2.5',
    in: byStandard,
    at: 'issuer',
    change: (certificate) => ({ ...certificate, earlyGeneralizedTime: true }),
  },
  {
    rule: 'an authority with an empty subject',
    clause: 'RFC 5280 4.1.2.6',
    in: byStandard,
    at: 'issuer',
    allowedAt: ['end-entity'],
    change: (certificate) => ({ ...certificate, subject: parseNameText('') }),
  },
  {
    rule: 'no authorityKeyIdentifier with the key of the issuer',
    clause: 'RFC 5280 4.2.1.1',
    in: byStandard,
    at: 'issuer',
    // What is self-issued may go without.
    allowedAt: ['anchor'],
    change: withoutIssuersKey,
  },
  {
    rule: 'no authorityKeyIdentifier with the key of the issuer',
    clause: 'RFC 5280 4.2.1.1',
    in: byStandard,
    // But if it has one, then with the key.
    at: 'anchor',
    change: (certificate) => ({
      ...withExtension(certificate, oids.authorityKeyIdentifier, false),
      authorityKeyIdentifier: undefined,
    }),
  },
  {
    rule: 'an authority without subjectKeyIdentifier',
    clause: 'RFC 5280 4.2.1.2',
    in: byStandard,
    at: 'issuer',
    allowedAt: ['end-entity'],
    change: (certificate) => ({ ...certificate, subjectKeyIdentifier: undefined }),
  },
  notCritical('authorityKeyIdentifier', oids.authorityKeyIdentifier, 'RFC 5280 4.2.1.1'),
  notCritical('subjectKeyIdentifier', oids.subjectKeyIdentifier, 'RFC 5280 4.2.1.2'),
  notCritical('subjectDirectoryAttributes', oids.subjectDirectoryAttributes, 'RFC 5280 4.2.1.8'),
  notCritical('freshestCRL', oids.freshestCRL, 'RFC 5280 4.2.1.15'),
  notCritical('authorityInfoAccess', oids.authorityInfoAccess, 'RFC 5280 4.2.2.1'),
  notCritical('subjectInfoAccess', oids.subjectInfoAccess, 'RFC 5280 4.2.2.2'),
  critical('policyConstraints', oids.policyConstraints, 'RFC 5280 4.2.1.11'),
  critical('inhibitAnyPolicy', oids.inhibitAnyPolicy, 'RFC 5280 4.2.1.14'),
  critical('nameConstraints', oids.nameConstraints, 'RFC 5280 4.2.1.10', ['rfc5280']),
  {
    ...critical("an authority's basicConstraints", oids.basicConstraints, 'RFC 5280 4.2.1.9'),
    allowedAt: ['end-entity'],
  },
  {
    rule: "an authority's keyUsage without keyCertSign under a pathLenConstraint",
    clause: 'RFC 5280 4.2.1.9',
    in: byStandard,
    at: 'issuer',
    change: (certificate) => ({ ...certificate, basicConstraints: { ca: true, pathLength: 0 }, keyUsage: ['cRLSign'] }),
  },
  {
    rule: 'nameConstraints on what is no authority',
    clause: 'RFC 5280 4.2.1.10',
    in: byStandard,
    at: 'end-entity',
    allowedAt: ['issuer', 'anchor'],
    change: (certificate) => ({ ...certificate, ...constrained }),
  },
  {
    rule: 'policyMappings on what is no authority',
    clause: 'RFC 5280 4.2.1.5',
    in: byStandard,
    at: 'end-entity',
    allowedAt: ['issuer', 'anchor'],
    change: (certificate) => ({ ...certificate, ...mapped }),
  },
  ...['a', '@a.test', 'a@', 'a@b@c.test', 'a@b..test', 'a@.test'].map((email): Breach => ({
    ...badAltName,
    change: names({ email: ['ok@a.test', email] }),
  })),
  ...['a', '//a.test', ':a', '1a:b', 'a:', '/a:b'].map((uri): Breach => ({
    ...badAltName,
    change: names({ uri: ['urn:ok', uri] }),
  })),
  ...(['Ed25519', 'ML-DSA-44', 'RSA-PSS', 'DSA', 'other'] as const).map((type): Breach => ({
    ...unused,
    change: (certificate) => ({ ...certificate, publicKey: { ...certificate.publicKey, type } }),
  })),
  ...(
    ['Ed25519', 'ML-DSA-87', 'sha1WithRSAEncryption', 'ecdsa-with-SHA1', 'dsa-with-SHA256', 'oid 1.2.3'] as const
  ).map((signatureAlgorithm): Breach => ({
    ...unused,
    change: (certificate) => ({ ...certificate, signatureAlgorithm }),
  })),
  {
    ...unused,
    change: (certificate) => ({ ...certificate, publicKey: { ...certificate.publicKey, type: 'RSA', bits: 2049 } }),
  },
  { ...notCritical('extendedKeyUsage', oids.extendedKeyUsage, 'BR 7.1.2.7.6, 7.1.2.10'), in: web },
  { ...notCritical('certificatePolicies', oids.certificatePolicies, 'BR 7.1.2.7.6, 7.1.2.10'), in: web },
  { ...notCritical('crlDistributionPoints', oids.crlDistributionPoints, 'BR 7.1.2.11.2'), in: web },
  {
    rule: 'an authority without keyUsage',
    clause: 'BR 7.1.2.10.7',
    in: web,
    at: 'issuer',
    allowedAt: ['end-entity'],
    change: (certificate) => ({ ...certificate, keyUsage: undefined }),
  },
  {
    rule: 'a critical subjectAltName beside a subject',
    clause: 'BR 7.1.2.7.12',
    in: web,
    at: 'end-entity',
    allowedAt: ['issuer', 'anchor'],
    change: (certificate) => ({
      ...withExtension(certificate, oids.subjectAltName, true),
      subject: parseNameText('CN=web.internal'),
    }),
  },
  { ...ownIdentifier, change: (certificate) => ({ ...certificate, authorityKeyIdentifier: '00' }) },
  {
    ...ownIdentifier,
    change: (certificate) => ({ ...certificate, authorityCertificate: { issuer: noNames, serialNumber: '01' } }),
  },
  {
    rule: 'a root with extendedKeyUsage',
    clause: 'BR 7.1.2.1.2',
    in: web,
    at: 'anchor',
    allowedAt: ['issuer', 'end-entity'],
    change: (certificate) => ({ ...certificate, extendedKeyUsage: [extendedKeyUsages.serverAuth] }),
  },
  {
    ...noPurpose,
    change: (certificate) =>
      certificate.basicConstraints?.ca === true ? certificate : { ...certificate, extendedKeyUsage: undefined },
  },
  {
    ...noPurpose,
    allowedAt: ['issuer'],
    change: (certificate) => ({
      ...certificate,
      extendedKeyUsage: [extendedKeyUsages.serverAuth, extendedKeyUsages.anyExtendedKeyUsage],
    }),
  },
  { ...otherNames, change: (certificate) => ({ ...certificate, subjectAltName: noNames }) },
  { ...otherNames, change: names({ uri: ['urn:a'] }) },
  { ...otherNames, change: names({ email: ['a@a.test'] }) },
  { ...otherNames, change: names({ directory: [parseNameText('CN=a')] }) },
  { ...otherNames, change: names({ registeredId: ['1.2.3'] }) },
  { ...otherNames, change: names({ otherName: [{ type: '1.2.3', value: encodeUtf8String('a') }] }) },
  { ...otherNames, change: names({ x400: [encodeElement(0xa3, new Uint8Array())] }) },
  ...['a..test', 'a.test.', '*', 'a*.test', 'a.*.test', '*.*.test', 'a_b.test'].map((dns): Breach => ({
    ...badAltName,
    change: names({ dns: ['ok.test', '*.ok.test', dns] }),
  })),
  ...[
    'CN=other.test',
    'CN=WEB.internal',
    'CN=web.internal,CN=other.test',
    'CN=web.internal+CN=other.test',
    'O=web,CN=other.test',
  ].map((text): Breach => ({
    ...commonName,
    change: (certificate) => withSubject(certificate, text),
  })),
  {
    rule: 'any policy on an end-entity',
    clause: 'BR 7.1.2.7.9',
    in: web,
    at: 'end-entity',
    allowedAt: ['issuer', 'anchor'],
    change: (certificate) => ({
      ...certificate,
      certificatePolicies: [
        { policy: '1.2.3', qualifiers: [] },
        { policy: anyPolicy, qualifiers: [] },
      ],
    }),
  },
];

test('a sound certificate breaks no rule of any profile, at any place', () => {
  for (const profile of profiles) {
    for (const [place, certificate] of Object.entries(sound)) {
      assert.equal(brokenRule(certificate, place as PathPlace, profile)?.rule, undefined, `${profile} ${place}`);
    }
  }
});

test('each rule, broken alone, is named with its clause, by the profiles that have it, where it holds', () => {
  for (const { rule, clause, in: having, at, change, allowedAt = [] } of breaches) {
    for (const profile of profiles) {
      const broken = brokenRule(change(sound[at]), at, profile);
      const expected = having.includes(profile) ? { rule, clause } : undefined;
      assert.deepEqual(broken && { rule: broken.rule, clause: broken.clause }, expected, `${profile}: ${rule}`);
      for (const place of allowedAt)
        assert.equal(brokenRule(change(sound[place]), place, profile)?.rule, undefined, `${place}: ${rule}`);
    }
  }
});

test('no rule is without a breach in the table above', () => {
  const tried = new Set(breaches.map(({ rule }) => rule));
  for (const profile of profiles) for (const { rule } of rulesOf(profile)) assert.ok(tried.has(rule), rule);
  assert.deepEqual(rulesOf('rfc5280-section-6'), []);
});

test('what the rules allow: criticality that is a matter of choice, names in their form, common names among the alternative ones', () => {
  const allowed: readonly (readonly [PathPlace, Certificate])[] = [
    ['issuer', withExtension(sound.issuer, oids.policyMappings, false)],
    ['end-entity', withExtension(sound['end-entity'], oids.certificatePolicies, false)],
    ['end-entity', withExtension(sound['end-entity'], oids.authorityInfoAccess, false)],
    ['end-entity', withSubject(sound['end-entity'], 'CN=web.internal,O=Bank')],
    ['end-entity', withSubject(names({ ip: ['10.0.0.1'] })(sound['end-entity']), 'CN=10.0.0.1')],
    ['end-entity', names({ dns: ['*.web.internal', 'web.internal'] })(sound['end-entity'])],
    ['issuer', { ...names({ email: ['a.b@c.test'], uri: ['spiffe://a/b', 'URN:x'] })(sound.issuer) }],
    [
      'issuer',
      {
        ...sound.issuer,
        publicKey: { ...sound.issuer.publicKey, type: 'RSA', bits: 4096 },
        signatureAlgorithm: 'RSASSA-PSS-SHA384',
      },
    ],
    ['anchor', withoutIssuersKey(sound.anchor)],
    ['anchor', { ...sound.anchor, issuer: parseNameText('CN=elsewhere'), authorityKeyIdentifier: '00' }],
  ];
  for (const profile of profiles) {
    for (const [place, certificate] of allowed)
      assert.equal(brokenRule(certificate, place, profile)?.rule, undefined, profile);
  }
});

test('CS-PATH-013: a broken rule refuses the path, with profile, rule and clause', () => {
  const policy = certificatePoliciesExtension([anyPolicy]);
  const server = makeService(issuer, { moreExtensions: [policy] });
  const ask = (holder: Holder, profile: PathProfile, between: Holder[] = [issuer], anchor = root): unknown =>
    validatePath(question(holder, between, anchor, { profile, purpose: 'server', isPublicSuffix: () => false }));
  refuses(() => ask(server, 'webpki'), 'CS-PATH-013', {
    subject: 'web.internal',
    profile: 'webpki',
    rule: 'any policy on an end-entity',
    clause: 'BR 7.1.2.7.9',
  });
  for (const profile of ['mutual-tls', 'rfc5280', 'rfc5280-section-6'] as const) ask(server, profile);
  const bare = makeIssuer(root, { identifiers: [], subject: 'bare' });
  const clause = 'RFC 5280 4.2.1.1';
  const rule = 'no authorityKeyIdentifier with the key of the issuer';
  refuses(() => ask(makeService(bare), 'rfc5280', [bare]), 'CS-PATH-013', {
    subject: 'CN=bare',
    profile: 'rfc5280',
    rule,
    clause,
  });
  ask(makeService(bare), 'mutual-tls', [bare]);
  // The anchor's own certificate, too.
  const anchor = makeRoot({ identifiers: [] });
  const below = makeService(anchor);
  assert.equal(
    refusalOf(() => ask(below, 'rfc5280', [], anchor)).evidence.rule,
    'an authority without subjectKeyIdentifier',
  );
  ask(below, 'rfc5280-section-6', [], anchor);
});

test('the profile webpki needs to know public suffixes', () => {
  const asked = question(leaf, [issuer], root, { profile: 'webpki', purpose: 'server' });
  assert.throws(() => validatePath(asked), TypeError);
  validatePath({ ...asked, isPublicSuffix: () => true });
});
