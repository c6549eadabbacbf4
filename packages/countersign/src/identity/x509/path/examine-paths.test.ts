import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBoolean, encodeOctetString, encodeOid } from '../../../ground/encoding/index.ts';
import {
  anyExtension,
  authorityExtensions,
  type Holder,
  hourMs,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
} from '../../../../../../tests/fixtures/certificates.ts';
import { question, refusalOf } from '../../../../../../tests/fixtures/paths.ts';
import {
  certificatePoliciesExtension,
  examinePaths,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  nameConstraintsExtension,
  type NamedKey,
  type PathCheck,
  type PathInput,
  type PathReport,
  policyMappingsExtension,
  validatePath,
} from '../index.ts';

const root = makeRoot({ moreExtensions: [nameConstraintsExtension({ permitted: { dns: ['internal'] } })] });
const issuer = makeIssuer(root, {
  moreExtensions: [
    certificatePoliciesExtension(['1.2.3']),
    policyMappingsExtension([{ issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.4' }]),
  ],
});
const service = makeService(issuer, { moreExtensions: [certificatePoliciesExtension(['1.2.4'])] });
const whole = question(service, [issuer], root, { names: [{ kind: 'dns', value: 'web.internal' }] });

const named = ({ certificate: { subject, publicKey } }: Holder): NamedKey => ({ subject, publicKey });

const lines = (checks: readonly PathCheck[] = []): string[] =>
  checks.map(
    ({ certificate, rule, clause, passed }) => `${certificate} ${rule} (${clause})${passed ? '' : ': failed'}`,
  );

/** The last check that was made, and that it alone failed. */
function failed({ valid, path }: PathReport): string {
  assert.equal(valid, false);
  const [last, ...others] = (path?.checks ?? []).toReversed();
  assert.ok(others.every(({ passed }) => passed));
  assert.equal(last?.passed, false);
  return `${last.certificate} ${last.rule} (${last.clause})`;
}

const extensions = '(RFC 5280 6.1.4 (o), 6.1.5 (f))';
const time = '(RFC 5280 6.1.3 (a) (2))';
const authority = 'an authority that may sign certificates (RFC 5280 6.1.4 (k), (n))';
const purposes = 'its purposes allow the one asked for (own rule, as CA/Browser Forum BR 7.1.2.2.5)';
const profile = 'the rules of the profile mutual-tls (see the profile)';
const signed = 'signed by its issuer (RFC 5280 6.1.3 (a) (1))';
const processed = `its critical extensions are processed ${extensions}`;
const inTime = `valid at the time ${time}`;
const policy = 'a policy where one is required (RFC 5280 6.1.3 (d) to (f) by RFC 9618)';
const within = 'its names are within the constraints above it (RFC 5280 6.1.3 (b), (c))';
const readable = 'its name constraints are of an allowed form (RFC 5280 4.2.1.10)';
const fit = 'fit for the purpose: client (RFC 5280 4.2.1.3, 4.2.1.12)';
const lengths = 'as many authorities below it as it allows';

const wholeChecks = [
  `1 ${signed}`,
  `0 ${signed}`,
  `0 ${processed}`,
  `0 ${inTime}`,
  '0 a key that is accepted (own rule)',
  `0 ${profile}`,
  `1 ${processed}`,
  `1 ${inTime}`,
  `1 ${authority}`,
  `1 ${purposes}`,
  `1 ${profile}`,
  `2 ${processed}`,
  `2 ${inTime}`,
  `2 ${authority}`,
  `2 ${purposes}`,
  `2 ${profile}`,
  `1 ${lengths} (RFC 5280 6.1.4 (l), (m))`,
  `2 ${lengths} (RFC 5280 6.1.4 (m); RFC 5937 3.2)`,
  `2 ${readable}`,
  `1 ${within}`,
  `0 ${within}`,
  `1 ${policy}`,
  '1 any policy is not mapped (RFC 5280 6.1.4 (a))',
  `0 ${policy}`,
  `0 ${fit}`,
  '0 carries the name web.internal (RFC 9525 6)',
];

test('a valid path: every check in its order, with its clause, the policies and the work', () => {
  const report = examinePaths(whole);
  assert.equal(report.valid, true);
  assert.equal(report.refusal, undefined);
  assert.deepEqual(report.paths, [report.path]);
  assert.deepEqual(report.path?.certificates, [service.certificate, issuer.certificate, root.certificate]);
  assert.equal(report.path.anchor, root.certificate);
  assert.equal(report.path.refusal, undefined);
  assert.deepEqual(report.policies, ['1.2.3']);
  // The issuer's one relative name, and the one alternative name of the service.
  assert.deepEqual(report.work, { signatures: 2, paths: 1, names: 2 });
  assert.deepEqual(lines(report.path.checks), wholeChecks);
});

test('what is not asked is not noted', () => {
  const { path } = examinePaths({
    ...whole,
    issuerKeyPurposes: 'ignored',
    purpose: 'any',
    profile: 'rfc5280',
    names: [],
  });
  const rules = lines(path?.checks);
  assert.ok(!rules.some((rule) => rule.includes('its purposes')));
  assert.equal(rules.at(-1), '0 the usages asked for (RFC 5280 4.2.1.3, 4.2.1.12)');
  assert.ok(rules.includes('1 the rules of the profile rfc5280 (see the profile)'));
  assert.deepEqual(examinePaths({ ...whole, policies: { accepted: ['1.2.9'] } }).policies, []);
});

test('an anchor without a certificate: nothing of it is checked, nor listed', () => {
  const report = examinePaths({ ...whole, anchors: [named(root)] });
  assert.deepEqual(report.path?.certificates, [service.certificate, issuer.certificate]);
  assert.deepEqual(report.path.anchor, named(root));
  assert.ok(report.path.checks.every(({ certificate }) => certificate < 2));
  assert.deepEqual(validatePath({ ...whole, anchors: [named(root)] }).certificates, report.path.certificates);
  // It never expires, and need not be an authority; its certificate does, and must.
  const old = makeRoot({ notAfter: testMoment - hourMs / 2, extensions: [] });
  const below = makeService(old);
  assert.equal(examinePaths(question(below, [], old)).refusal?.code, 'CS-PATH-002');
  const kept = examinePaths(question(below, [], old, { anchors: [named(old)] }));
  assert.deepEqual([kept.valid, kept.path?.certificates], [true, [below.certificate]]);
  // Constraints of one are about the number after the last.
  const unreadable = { dns: ['.internal'], uri: [], email: [], ip: [], directory: [], others: [] };
  const none = { ...unreadable, dns: [] };
  const anchor = { ...named(root), nameConstraints: { permitted: unreadable, excluded: none } };
  assert.equal(failed(examinePaths({ ...whole, anchors: [anchor] })), `2 ${readable}`);
});

const unknown = anyExtension(encodeOid('1.2.3.4'), encodeBoolean(true), encodeOctetString(new Uint8Array()));
const permittedEvil = nameConstraintsExtension({ permitted: { dns: ['evil'] } });

test('the check that failed is the last, whatever it is', () => {
  const chain = (recipe: Parameters<typeof makeIssuer>[1], leaf: Parameters<typeof makeService>[1] = {}): PathInput => {
    const between = makeIssuer(root, recipe);
    return question(makeService(between, leaf), [between], root);
  };
  const cases: readonly (readonly [PathInput, string, string])[] = [
    [question(makeService(makeIssuer(root)), [issuer], root), 'CS-PATH-004', `0 ${signed}`],
    [chain({ moreExtensions: [unknown] }), 'CS-PATH-007', `1 ${processed}`],
    [chain({}, { moreExtensions: [unknown] }), 'CS-PATH-007', `0 ${processed}`],
    [{ ...whole, at: testMoment + hourMs + 1000 }, 'CS-PATH-002', `0 ${inTime}`],
    [chain({ notBefore: testMoment + 1000 }), 'CS-PATH-003', `1 ${inTime}`],
    [chain({ extensions: [] }), 'CS-PATH-005', `1 ${authority}`],
    [
      chain({ extensions: [...authorityExtensions(), extendedKeyUsageExtension([extendedKeyUsages.serverAuth])] }),
      'CS-PATH-008',
      `1 ${purposes}`,
    ],
    [{ ...whole, mostIntermediates: 0 }, 'CS-PATH-006', `1 ${lengths} (RFC 5280 6.1.4 (l), (m))`],
    [chain({ moreExtensions: [permittedEvil] }), 'CS-PATH-011', `0 ${within}`],
    [
      chain({ moreExtensions: [nameConstraintsExtension({ excluded: { dns: ['.internal'] } })] }),
      'CS-X509-001',
      `1 ${readable}`,
    ],
    [{ ...whole, limits: { names: 0 } }, 'CS-PATH-014', `1 ${within}`],
    [{ ...whole, limits: { signatures: 1 } }, 'CS-PATH-014', `0 ${signed}`],
    [{ ...chain({}), policies: { requireExplicit: true } }, 'CS-PATH-012', `1 ${policy}`],
    [
      chain({}, { extensions: [extendedKeyUsageExtension([extendedKeyUsages.serverAuth])], subject: 'x' }),
      'CS-PATH-008',
      `0 ${fit}`,
    ],
    [
      { ...whole, names: [{ kind: 'dns', value: 'x.internal' }] },
      'CS-PATH-010',
      '0 carries the name x.internal (RFC 9525 6)',
    ],
    [
      { ...whole, leaf: { ...service.certificate, uniqueIdentifiers: true } },
      'CS-PATH-013',
      '0 the rules of the profile mutual-tls (RFC 5280 4.1.2.8)',
    ],
    [
      { ...whole, leaf: { ...service.certificate, publicKey: { ...service.certificate.publicKey, type: 'other' } } },
      'CS-X509-002',
      '0 a key that is accepted (own rule)',
    ],
  ];
  for (const [input, code, expected] of cases) {
    const report = examinePaths(input);
    assert.equal(report.refusal?.code, code, expected);
    assert.equal(failed(report), expected);
    assert.deepEqual(report.policies, []);
    assert.equal(report.path?.refusal, report.refusal);
    // Both faces answer the same.
    const thrown = refusalOf(() => validatePath(input));
    assert.deepEqual([thrown.code, thrown.evidence], [report.refusal.code, report.refusal.evidence]);
  }
});

test('names that lead to no anchor: no path, nothing spent, and no exception', () => {
  for (const input of [
    { ...whole, anchors: [] },
    { ...whole, intermediates: [] },
  ]) {
    const report = examinePaths(input);
    assert.deepEqual([report.valid, report.path, report.paths], [false, undefined, []]);
    assert.equal(report.refusal?.code, 'CS-PATH-001');
    assert.deepEqual(report.work, { signatures: 0, paths: 0, names: 0 });
  }
  for (const limits of [{ steps: 0 }, { paths: 0 }, { steps: 2 }]) {
    const report = examinePaths({ ...whole, limits });
    assert.deepEqual([report.valid, report.path, report.refusal?.code], [false, undefined, 'CS-PATH-014']);
  }
  assert.throws(() => examinePaths({ ...whole, at: Number.NaN }), TypeError);
});

test('what the port throws is not taken for a refusal', () => {
  const verifySignature = (): never => {
    throw new RangeError('broken port');
  };
  assert.throws(() => examinePaths({ ...whole, verifySignature }), RangeError);
});

test('all paths are listed, with their refusals, and the most useful one is the answer', () => {
  const impostor = makeIssuer(makeRoot());
  const forged = makeIssuer(root);
  const expired = makeIssuer(root, { key: issuer.key, notAfter: testMoment - 1000 });
  const leaf = makeService(issuer, { identifiers: [] });
  for (const between of [
    [impostor, forged, expired],
    [expired, forged, impostor],
    [forged, expired, impostor],
  ]) {
    const report = examinePaths(question(leaf, between, root));
    assert.deepEqual(report.paths.map(({ refusal }) => refusal?.code).toSorted(), [
      'CS-PATH-002',
      'CS-PATH-004',
      'CS-PATH-004',
    ]);
    assert.equal(report.refusal?.code, 'CS-PATH-002');
    assert.equal(report.path?.certificates[1], expired.certificate);
    const mended = examinePaths(question(leaf, [...between, issuer], root));
    assert.equal(mended.valid, true);
    assert.equal(mended.path?.certificates[1], issuer.certificate);
    assert.equal(mended.path.refusal, undefined);
    assert.equal(mended.paths.at(-1), mended.path);
  }
});

test('a fault of the end-entity ends the search; one of an issuer ends the paths through it', () => {
  const issuers = Array.from({ length: 5 }, () => makeIssuer(root, { key: issuer.key }));
  const stale = makeService(issuer, { notAfter: testMoment - 1000 });
  assert.equal(examinePaths(question(stale, issuers, root)).paths.length, 1);
  const unnamed = question(makeService(issuer), issuers, root, { names: [{ kind: 'dns', value: 'x' }] });
  assert.equal(examinePaths(unnamed).paths.length, 1);
  const old = makeIssuer(root, { subject: 'old', notAfter: testMoment - 1000 });
  const middle = Array.from({ length: 5 }, () => makeIssuer(old, { subject: 'middle', key: issuer.key }));
  const leaf = makeService(middle[0]!);
  const report = examinePaths(question(leaf, [...middle, old], root));
  assert.deepEqual([report.refusal?.code, report.paths.length], ['CS-PATH-002', 1]);
  // A path that was begun before the fault below it was found ends there, too.
  const tops = Array.from({ length: 3 }, () => makeIssuer(root, { subject: 'top', key: issuer.key }));
  const late = makeIssuer(tops[0]!, { subject: 'late', notAfter: testMoment - 1000 });
  const begun = examinePaths(question(makeService(late), [late, ...tops], root));
  assert.deepEqual([begun.refusal?.code, begun.paths.length], ['CS-PATH-002', 1]);
  // A rule about the path, as its length, is asked of each.
  const short = examinePaths(question(makeService(issuer), issuers, root, { mostIntermediates: 0 }));
  assert.deepEqual([short.refusal?.code, short.paths.length], ['CS-PATH-006', 5]);
});

test('an end-entity that is itself an anchor is no path', () => {
  assert.equal(examinePaths(question(service, [], service)).refusal?.code, 'CS-PATH-001');
  // A self-issued anchor as the end-entity stands under itself.
  const own = makeRoot();
  assert.equal(examinePaths(question(own, [], own, { purpose: 'any' })).valid, true);
  assert.equal(examinePaths(question(own, [], own)).refusal?.code, 'CS-PATH-008');
});
