import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Holder,
  makeIssuer,
  makeRoot,
  makeService,
  type Recipe,
} from '../../../../../../tests/fixtures/certificates.ts';
import { question, refusalOf, refuses } from '../../../../../../tests/fixtures/paths.ts';
import { processorMs } from '../../../../../../tests/fixtures/processor-time.ts';
import type { Certificate } from '../certificate.ts';
import {
  anyPolicy,
  certificatePoliciesExtension,
  inhibitAnyPolicyExtension,
  type PolicyConstraints,
  policyConstraintsExtension,
  policyMappingsExtension,
} from '../extensions/policies.ts';
import { examinePaths, type PolicyInput, validatePath } from '../index.ts';
import { PolicyState } from './policy-graph.ts';

/** What one certificate says of policies. */
interface Says {
  readonly policies?: readonly string[];
  /** Each from the issuer's policy to the subject's. */
  readonly maps?: readonly (readonly [string, string])[];
  readonly constraints?: PolicyConstraints;
  readonly inhibitAny?: number;
  readonly selfIssued?: boolean;
}

const [a, b, c, d] = ['1.2.1', '1.2.2', '1.2.3', '1.2.4'] as const;
const any: Says = { policies: [anyPolicy] };
const base = makeService(makeRoot()).certificate;

function certificateThat({ policies, maps, constraints, inhibitAny }: Says): Certificate {
  return {
    ...base,
    certificatePolicies: policies?.map((policy) => ({ policy, qualifiers: [] })),
    policyMappings: maps?.map(([issuerDomainPolicy, subjectDomainPolicy]) => ({
      issuerDomainPolicy,
      subjectDomainPolicy,
    })),
    policyConstraints: constraints,
    inhibitAnyPolicy: inhibitAny,
  };
}

/** From the anchor down, as 6.1.3 to 6.1.5 go; `undefined` where the path must be refused. */
function outcome(line: readonly Says[], input: PolicyInput = {}, anchor?: Says): readonly string[] | undefined {
  const state = new PolicyState(input, line.length);
  if (anchor !== undefined) state.constrain(certificateThat(anchor));
  for (const [index, says] of line.entries()) {
    const last = index === line.length - 1;
    const certificate = certificateThat(says);
    if (!state.enter(certificate, !last && says.selfIssued === true)) return undefined;
    if (last) return state.finish(certificate)?.toSorted();
    state.prepare(certificate, says.selfIssued === true);
  }
  return assert.fail();
}

const required: PolicyInput = { requireExplicit: true };

test('a policy holds where each certificate of the path has it, or any policy', () => {
  assert.deepEqual(outcome([{ policies: [a] }, { policies: [a] }]), [a]);
  assert.deepEqual(outcome([any, { policies: [a, b] }]), [a, b]);
  assert.deepEqual(outcome([{ policies: [a, b] }, any]), [a, b]);
  assert.deepEqual(outcome([{ policies: [a, b] }, { policies: [b, c] }, { policies: [b, a, c] }]), [b]);
  assert.deepEqual(outcome([any, any]), [anyPolicy]);
  assert.deepEqual(outcome([any, { policies: [a, anyPolicy] }]), [a, anyPolicy]);
  assert.deepEqual(outcome([{ policies: [a, anyPolicy] }, { policies: [a, b] }]), [a, b]);
  assert.deepEqual(outcome([{ policies: [a] }, any, { policies: [b] }]), []);
  // One that stands in the certificate and under any policy, too, still ends where nothing below it goes on.
  assert.deepEqual(outcome([{ policies: [a, b] }, { policies: [a, anyPolicy] }, { policies: [b] }]), [b]);
  assert.deepEqual(outcome([{ policies: [a] }, any, { policies: [a] }]), [a]);
});

test('no policy at all, or none in common, matters only where one is required', () => {
  for (const line of [[{}], [any, {}], [{}, any], [{ policies: [a] }, { policies: [b] }]] satisfies Says[][]) {
    assert.deepEqual(outcome(line), []);
    assert.equal(outcome(line, required), undefined);
  }
  assert.deepEqual(outcome([{ policies: [a] }, { policies: [a] }], required), [a]);
  // Once there is none, no later certificate brings one back.
  assert.deepEqual(outcome([any, {}, any]), []);
  assert.equal(outcome([any, {}, any], required), undefined);
  assert.deepEqual(outcome([{ policies: [a] }, { policies: [b] }, { policies: [a] }]), []);
});

test('accepted policies: what of them the path is valid for; any policy among them accepts all', () => {
  assert.deepEqual(outcome([any, { policies: [a, b] }], { accepted: [b, c] }), [b]);
  assert.deepEqual(outcome([any, { policies: [a] }], { accepted: [b] }), []);
  assert.equal(outcome([any, { policies: [a] }], { ...required, accepted: [b] }), undefined);
  assert.deepEqual(outcome([any, any], { ...required, accepted: [a, b] }), [a, b]);
  assert.deepEqual(outcome([any, { policies: [a] }], { ...required, accepted: [b, anyPolicy] }), [a]);
  assert.equal(outcome([any, any], { ...required, accepted: [] }), undefined);
});

test('requireExplicitPolicy begins to hold after as many certificates as it skips', () => {
  const requiring = (skip: number, more: Says = {}): Says => ({
    policies: [a],
    constraints: { requireExplicitPolicy: skip },
    ...more,
  });
  const none: Says = {};
  assert.equal(outcome([requiring(0), none, none, none]), undefined);
  assert.equal(outcome([requiring(1), none, none, none]), undefined);
  assert.equal(outcome([requiring(2), none, none, none]), undefined);
  assert.equal(outcome([requiring(3), none, none, none]), undefined);
  assert.deepEqual(outcome([requiring(4), none, none, none]), []);
  assert.deepEqual(outcome([requiring(0), { policies: [a] }, { policies: [a] }]), [a]);
  // The last one: 6.1.5 (a) counts once more, (b) takes its own requirement of 0 and no other.
  assert.equal(outcome([none, requiring(0, { policies: [] })]), undefined);
  assert.deepEqual(outcome([none, requiring(1, { policies: [] })]), []);
  assert.deepEqual(outcome([any, requiring(0)]), [a]);
  // A later one may tighten and not loosen.
  assert.equal(outcome([requiring(1), requiring(9), none]), undefined);
  assert.equal(outcome([requiring(9), requiring(0), none]), undefined);
  // An inhibitPolicyMapping alone requires nothing.
  assert.deepEqual(outcome([{ constraints: { inhibitPolicyMapping: 0 } }, none]), []);
});

test('self-issued certificates are not counted', () => {
  const requiring = (skip: number): Says => ({ policies: [a], constraints: { requireExplicitPolicy: skip } });
  const own: Says = { selfIssued: true };
  assert.deepEqual(outcome([requiring(2), own, own, own]), []);
  assert.equal(outcome([requiring(2), {}, {}]), undefined);
  // The last one counts, whoever issued it (6.1.5 (a)).
  assert.equal(outcome([requiring(1), own, own, own]), undefined);
  const inhibiting: Says = { ...any, inhibitAny: 1 };
  assert.deepEqual(outcome([inhibiting, { ...any, selfIssued: true }, any, any]), []);
  assert.deepEqual(outcome([inhibiting, { ...any, selfIssued: true }, any]), [anyPolicy]);
  assert.deepEqual(outcome([inhibiting, any, any]), []);
});

test('inhibitAnyPolicy: any policy stands for none, but in self-issued certificates before the last', () => {
  const inhibiting: Says = { ...any, inhibitAny: 0 };
  assert.deepEqual(outcome([inhibiting, any]), []);
  assert.equal(outcome([inhibiting, any], required), undefined);
  assert.deepEqual(outcome([inhibiting, { policies: [a, anyPolicy] }]), [a]);
  assert.deepEqual(outcome([inhibiting, { ...any, selfIssued: true }, { policies: [a] }]), [a]);
  assert.deepEqual(outcome([inhibiting, { ...any, selfIssued: true }]), []);
  assert.deepEqual(outcome([{ ...any, inhibitAny: 1 }, any, any]), []);
  assert.deepEqual(outcome([{ ...any, inhibitAny: 2 }, any, any]), [anyPolicy]);
  // A later one may tighten and not loosen.
  assert.deepEqual(outcome([{ ...any, inhibitAny: 1 }, { ...any, inhibitAny: 5 }, any]), []);
  const input = { inhibitAnyPolicy: true };
  assert.deepEqual(outcome([any], input), []);
  assert.deepEqual(outcome([{ policies: [a, anyPolicy] }, { policies: [a, b] }], input), [a]);
});

test('mappings: what a policy is called below, from one to several and from several to one', () => {
  const mapping: Says = { policies: [a, b], maps: [[a, c]] };
  assert.deepEqual(outcome([mapping, { policies: [c] }]), [a]);
  assert.deepEqual(outcome([mapping, { policies: [a] }]), []);
  assert.deepEqual(outcome([mapping, { policies: [b, c] }]), [a, b]);
  assert.deepEqual(outcome([mapping, any]), [a, b]);
  const spread: Says = {
    policies: [a],
    maps: [
      [a, b],
      [a, c],
    ],
  };
  for (const policy of [b, c]) assert.deepEqual(outcome([spread, { policies: [policy] }]), [a], policy);
  assert.deepEqual(outcome([spread, { policies: [b, c] }]), [a]);
  assert.deepEqual(outcome([spread, { policies: [a] }]), []);
  const gathered: Says = {
    policies: [a, b],
    maps: [
      [a, d],
      [b, d],
    ],
  };
  assert.deepEqual(outcome([gathered, { policies: [d] }]), [a, b]);
  assert.deepEqual(outcome([gathered, { policies: [d] }], { accepted: [b] }), [b]);
  assert.deepEqual(outcome([gathered, { policies: [d] }], { ...required, accepted: [d] }), undefined);
  // Two policies that change names.
  const crossed: Says = {
    policies: [a, b],
    maps: [
      [a, b],
      [b, a],
    ],
  };
  assert.deepEqual(outcome([crossed, { policies: [a] }]), [b]);
  assert.deepEqual(outcome([crossed, crossed, { policies: [a] }]), [a]);
  // Over two steps.
  assert.deepEqual(outcome([{ policies: [a], maps: [[a, b]] }, { policies: [b], maps: [[b, c]] }, { policies: [c] }]), [
    a,
  ]);
  // What the certificate does not have is not mapped.
  assert.deepEqual(outcome([{ policies: [a], maps: [[b, c]] }, { policies: [c] }]), []);
});

test('mappings under any policy: the policy mapped counts as one that the authority has', () => {
  const mapping: Says = { ...any, maps: [[a, c]] };
  assert.deepEqual(outcome([mapping, { policies: [c] }]), [a]);
  assert.deepEqual(outcome([mapping, { policies: [b] }]), [b]);
  assert.deepEqual(outcome([mapping, any]), [a, anyPolicy]);
  assert.deepEqual(outcome([any, mapping, { policies: [c] }], { accepted: [a] }), [a]);
  assert.deepEqual(outcome([any, mapping, { policies: [c] }], { ...required, accepted: [c] }), undefined);
  // Once any policy ended above, it brings no node for a mapping.
  assert.deepEqual(outcome([{ policies: [b] }, mapping, { policies: [c] }]), []);
});

test('inhibitPolicyMapping: a policy that is mapped later ends there', () => {
  const inhibiting: Says = { policies: [a, b], constraints: { inhibitPolicyMapping: 0 } };
  const mapping: Says = { policies: [a, b], maps: [[a, c]] };
  assert.deepEqual(outcome([inhibiting, mapping, { policies: [a, b, c] }]), [b]);
  assert.deepEqual(outcome([inhibiting, { policies: [a], maps: [[a, c]] }, { policies: [a, c] }]), []);
  assert.equal(outcome([inhibiting, { policies: [a], maps: [[a, c]] }, { policies: [a, c] }], required), undefined);
  const later: Says = { policies: [a, b], constraints: { inhibitPolicyMapping: 1 } };
  assert.deepEqual(outcome([later, mapping, { policies: [c] }]), [a]);
  assert.deepEqual(outcome([later, { policies: [a, b] }, mapping, { policies: [a, b, c] }]), [b]);
  assert.deepEqual(outcome([later, { policies: [a, b], selfIssued: true }, mapping, { policies: [c] }]), [a]);
  // Its own mappings come before its own constraint.
  assert.deepEqual(outcome([{ ...mapping, constraints: { inhibitPolicyMapping: 0 } }, { policies: [c] }]), [a]);
  assert.deepEqual(outcome([mapping, { policies: [c] }], { inhibitMapping: true }), []);
  assert.deepEqual(outcome([{ ...any, maps: [[a, c]] }, { policies: [c] }], { inhibitMapping: true }), [c]);
});

test('a path ends at the certificate that leaves no policy where one is required', () => {
  const state = new PolicyState(required, 3);
  assert.equal(state.enter(certificateThat({ policies: [a] }), false), true);
  state.prepare(certificateThat({ policies: [a] }), false);
  assert.equal(state.enter(certificateThat({ policies: [b] }), false), false);
});

test("an anchor's certificate constrains as the inputs do", () => {
  const line: Says[] = [{ ...any, maps: [[a, b]] }, any];
  assert.equal(outcome([{}, {}], {}, { constraints: { requireExplicitPolicy: 0 } }), undefined);
  assert.deepEqual(outcome([{}, {}], {}, { constraints: { requireExplicitPolicy: 3 } }), []);
  assert.deepEqual(outcome(line, {}, { constraints: { inhibitPolicyMapping: 0 } }), [anyPolicy]);
  assert.deepEqual(outcome(line, {}, { constraints: { inhibitPolicyMapping: 1 } }), [a, anyPolicy]);
  assert.deepEqual(outcome(line, {}, { inhibitAny: 0 }), []);
  assert.deepEqual(outcome(line, {}, { inhibitAny: 2 }), [a, anyPolicy]);
});

test('policies and mappings by the hundred, over a long path, take milliseconds', () => {
  // Each policy mapped to each: a tree would have 100 to the power of 20 leaves (RFC 9618, 1.1).
  const policies = Array.from({ length: 100 }, (_, index) => `1.3.${index}`);
  const maps = policies.flatMap((from) => policies.map((to) => [from, to] as const));
  const line: Says[] = [...Array.from({ length: 20 }, () => ({ policies, maps })), { policies }];
  const start = processorMs();
  assert.deepEqual(outcome(line), policies.toSorted());
  assert.deepEqual(outcome(line, { ...required, accepted: ['1.4'] }), undefined);
  assert.ok(processorMs() - start < 2000, `${processorMs() - start} ms`);
});

/** The same by certificates, from the root down: the last is the end-entity. */
function chain(line: readonly Says[], rootSays: Says = {}): { root: Holder; between: Holder[]; leaf: Holder } {
  const recipe = ({ policies, maps, constraints, inhibitAny }: Says): Recipe => ({
    moreExtensions: [
      ...(policies === undefined ? [] : [certificatePoliciesExtension(policies)]),
      ...(maps === undefined
        ? []
        : [
            policyMappingsExtension(
              maps.map(([issuerDomainPolicy, subjectDomainPolicy]) => ({ issuerDomainPolicy, subjectDomainPolicy })),
            ),
          ]),
      ...(constraints === undefined ? [] : [policyConstraintsExtension(constraints)]),
      ...(inhibitAny === undefined ? [] : [inhibitAnyPolicyExtension(inhibitAny)]),
    ],
  });
  const root = makeRoot(recipe(rootSays));
  const between: Holder[] = [];
  let subject = 'test root';
  for (const [index, says] of line.slice(0, -1).entries()) {
    if (says.selfIssued !== true) subject = `issuer ${index}`;
    between.push(makeIssuer(between.at(-1) ?? root, { subject, ...recipe(says) }));
  }
  const last = line.at(-1) ?? {};
  const named = last.selfIssued === true ? { subject } : {};
  return { root, between, leaf: makeService(between.at(-1) ?? root, { ...named, ...recipe(last) }) };
}

function report(
  line: readonly Says[],
  policies: PolicyInput = {},
  rootSays: Says = {},
): ReturnType<typeof examinePaths> {
  const { root, between, leaf } = chain(line, rootSays);
  const asked = question(leaf, between, root, { policies });
  const examined = examinePaths(asked);
  // What is asked without a report leaves out what cannot matter, and answers the same.
  if (examined.valid) validatePath(asked);
  else assert.equal(refusalOf(() => validatePath(asked)).code, examined.refusal?.code);
  return examined;
}

test('the report names the policies of a valid path, and where none is required there may be none', () => {
  assert.deepEqual(report([any, { policies: [a, b] }]).policies, [a, b]);
  assert.deepEqual(report([any, { policies: [a, b] }], { accepted: [b] }).policies, [b]);
  assert.deepEqual(report([any, any]).policies, [anyPolicy]);
  assert.deepEqual(report([{ policies: [a] }, { policies: [b] }]).policies, []);
  assert.deepEqual(report([{ policies: [a], maps: [[a, b]] }, { policies: [b] }], required).policies, [a]);
  assert.deepEqual(report([any, { ...any, selfIssued: true }, any], { inhibitAnyPolicy: true }).policies, []);
});

test('CS-PATH-012: a policy is required, by the caller, by an issuer, by the end-entity or by the anchor', () => {
  const rule = 'a policy is required, and the path is valid for none that is accepted';
  const cases: readonly (readonly [Says[], PolicyInput, Says, string])[] = [
    [[any, {}], required, {}, 'web.internal'],
    [[{}, any], required, {}, 'CN=issuer 0'],
    [[any, { policies: [b] }], { ...required, accepted: [a] }, {}, 'web.internal'],
    [[{ constraints: { requireExplicitPolicy: 0 } }, {}], {}, {}, 'web.internal'],
    [[{}, { constraints: { requireExplicitPolicy: 0 } }], {}, {}, 'web.internal'],
    [[{}, {}], {}, { constraints: { requireExplicitPolicy: 0 } }, 'CN=issuer 0'],
    [
      [{ policies: [a] }, { policies: [b] }],
      { accepted: [a] },
      { constraints: { requireExplicitPolicy: 1 } },
      'web.internal',
    ],
  ];
  for (const [line, policies, rootSays, subject] of cases) {
    const { refusal, valid, policies: found } = report(line, policies, rootSays);
    assert.equal(valid, false);
    assert.deepEqual(found, []);
    assert.equal(refusal?.code, 'CS-PATH-012');
    assert.deepEqual(refusal.evidence, { subject, rule, accepted: policies.accepted ?? ['any'] });
  }
  assert.equal(report([{}, {}], {}, { constraints: { requireExplicitPolicy: 3 } }).valid, true);
  assert.equal(report([{ selfIssued: true, constraints: { requireExplicitPolicy: 1 } }, {}]).valid, false);
});

test('self-issued issuers do not count in a path of certificates, and any policy of a self-issued end-entity is inhibited', () => {
  const own: Says = { selfIssued: true };
  const requiring: Says = { constraints: { requireExplicitPolicy: 2 } };
  assert.equal(report([requiring, own, {}]).valid, true);
  assert.equal(report([requiring, {}, {}]).valid, false);
  const inhibiting: Says = { ...any, inhibitAny: 0 };
  assert.equal(report([inhibiting, { ...any, ...own }, { policies: [a] }], required).valid, true);
  assert.equal(report([inhibiting, { ...any, ...own }], required).refusal?.code, 'CS-PATH-012');
});

test('CS-PATH-012: any policy must not be mapped, nor mapped to, by an issuer', () => {
  for (const maps of [
    [[anyPolicy, a]],
    [[a, anyPolicy]],
    [
      [a, b],
      [anyPolicy, anyPolicy],
    ],
  ] as const) {
    const { root, between, leaf } = chain([{ ...any, maps }, {}]);
    refuses(() => validatePath(question(leaf, between, root)), 'CS-PATH-012', {
      subject: 'CN=issuer 0',
      rule: 'any policy is mapped',
      accepted: ['any'],
    });
    assert.deepEqual(examinePaths(question(leaf, between, root)).path?.checks.at(-1), {
      certificate: 1,
      rule: 'any policy is not mapped',
      clause: 'RFC 5280 6.1.4 (a)',
      passed: false,
    });
  }
  assert.equal(report([{ ...any, maps: [[a, b]] }, {}]).valid, true);
});
