/** RFC 5280, 6.3.3, step by step: for each, questions that nothing but that step decides. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, issuer, root } from '../../../../../../tests/fixtures/asked-lists.ts';
import {
  generatePrivateKey,
  type Holder,
  hourMs,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
} from '../../../../../../tests/fixtures/certificates.ts';
import { entryFor, type ListRecipe, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import {
  type CertificateList,
  crlDistributionPointsExtension,
  keyUsageExtension,
  type ReasonFlag,
  type WritableDistributionPoint,
} from '../../x509/index.ts';

const shard = 'http://lists.internal/7.crl';
const at = (uri: string): WritableDistributionPoint => ({ fullName: { uri: [uri] } });
const leafAt = (...points: WritableDistributionPoint[]): Holder =>
  makeService(issuer, { moreExtensions: [crlDistributionPointsExtension(points)] });

const plain = makeService(issuer);
const below = makeIssuer(issuer, { subject: 'below' });
const pointed = leafAt(at(shard));
const name = issuer.certificate.subject.raw;
const ended = testMoment - 1_000;

const strange = generatePrivateKey('P-256');
const signerBelow = (parent: Holder, usage: 'cRLSign' | 'digitalSignature' = 'cRLSign'): Holder =>
  makeIssuer(parent, { subject: name, extensions: [keyUsageExtension([usage])] });
const [signer, unfit, foreign] = [signerBelow(root), signerBelow(root, 'digitalSignature'), signerBelow(makeRoot())];

/** Somebody else, to whom a point leaves the list. */
const clerk = makeIssuer(root, { subject: 'clerk', extensions: [keyUsageExtension(['cRLSign'])] });
const leftTo = leafAt({ ...at(shard), cRLIssuer: { directory: [clerk.certificate.subject] } });

/** All reasons in two parts. */
const some: readonly ReasonFlag[] = ['keyCompromise', 'cACompromise'];
const rest: readonly ReasonFlag[] = [
  ...(['affiliationChanged', 'superseded', 'cessationOfOperation', 'certificateHold'] as const),
  ...(['privilegeWithdrawn', 'aACompromise'] as const),
];
const forReasons = (onlySomeReasons: readonly ReasonFlag[], more: ListRecipe = {}): CertificateList =>
  makeList(issuer, { scope: { onlySomeReasons }, ...more });

const revoked = [entryFor(plain, 'superseded')];
const removed = [entryFor(plain, 'removeFromCRL')];
const base = (more: ListRecipe = {}): CertificateList => makeList(issuer, { number: 5, ...more });
const delta = (more: ListRecipe = {}): CertificateList =>
  makeList(issuer, { number: 7, base: 5, thisUpdate: testMoment - hourMs / 4, ...more });

interface Case {
  readonly step: string;
  readonly lists: readonly CertificateList[];
  readonly leaf?: Holder;
  readonly others?: readonly Holder[];
  readonly answer: string;
}

const cases: readonly Case[] = [
  { step: '(a) nothing of its time', lists: [base({ nextUpdate: ended })], answer: 'CS-CRL-004' },
  { step: '(a) (1) (i) changes of their time', lists: [base({ nextUpdate: ended }), delta()], answer: 'good' },
  { step: '(a) changes out of date, too', lists: [base(), delta({ nextUpdate: ended, revoked })], answer: 'good' },

  {
    step: '(b) (1) of the cRLIssuer',
    lists: [makeList(clerk, { scope: { indirectCRL: true } })],
    leaf: leftTo,
    others: [clerk],
    answer: 'good',
  },
  { step: '(b) (1) not indirect', lists: [makeList(clerk)], leaf: leftTo, others: [clerk], answer: 'CS-CRL-006' },
  { step: "(b) (1) another's list", lists: [makeList(clerk)], others: [clerk], answer: 'CS-CRL-003' },
  { step: '(b) (2) (i) the point', lists: [base({ scope: at(shard) })], leaf: pointed, answer: 'good' },
  {
    step: '(b) (2) (i) another point',
    lists: [base({ scope: at('http://lists.internal/8.crl') })],
    leaf: pointed,
    answer: 'CS-CRL-006',
  },
  {
    step: '(b) (2) (ii) end-entities, asked of an authority',
    lists: [base({ scope: { only: 'user' } })],
    leaf: below,
    answer: 'CS-CRL-006',
  },
  { step: '(b) (2) (ii) end-entities', lists: [base({ scope: { only: 'user' } })], answer: 'good' },
  { step: '(b) (2) (iii) authorities', lists: [base({ scope: { only: 'authority' } })], answer: 'CS-CRL-006' },
  {
    step: '(b) (2) (iv) attributes',
    lists: [base({ scope: { only: 'attribute' } })],
    answer: 'CS-CRL-006',
  },

  { step: '(c) changes', lists: [base(), delta({ revoked })], answer: 'revoked superseded' },
  {
    step: '(c) (1) of another issuer',
    lists: [base(), makeList(clerk, { number: 7, base: 5, revoked })],
    others: [clerk],
    answer: 'good',
  },
  {
    step: '(c) (2) of another scope',
    lists: [base(), delta({ revoked, scope: { only: 'user' } })],
    answer: 'good',
  },
  {
    step: '(c) (3) of another key, as they say',
    lists: [base(), delta({ revoked, identified: strange })],
    answer: 'good',
  },

  { step: "(d) the list's reasons", lists: [forReasons(some)], answer: 'CS-CRL-011' },
  {
    step: "(d) the point's reasons",
    lists: [base({ scope: at(shard) })],
    leaf: leafAt({ ...at(shard), reasons: some }),
    answer: 'CS-CRL-011',
  },
  {
    step: '(e) nothing that is not covered',
    lists: [
      forReasons(some, { thisUpdate: testMoment - 1_000 }),
      forReasons(some, { revoked: [entryFor(plain, 'keyCompromise')] }),
      forReasons(rest),
    ],
    answer: 'good',
  },

  { step: '(f) a path to the signer', lists: [base({ key: signer.key })], others: [signer], answer: 'good' },
  { step: '(f) none of the same anchor', lists: [base({ key: foreign.key })], others: [foreign], answer: 'CS-CRL-010' },
  { step: '(f) without cRLSign', lists: [base({ key: unfit.key })], others: [unfit], answer: 'CS-CRL-008' },
  { step: '(g) not signed by it', lists: [base({ key: strange })], answer: 'CS-CRL-007' },
  {
    step: '(h) changes not signed by it',
    lists: [base(), delta({ revoked, key: strange, identified: issuer.key })],
    answer: 'good',
  },

  {
    step: '(i) in the changes, and otherwise in the list',
    lists: [base({ revoked: [entryFor(plain, 'certificateHold')] }), delta({ revoked })],
    answer: 'revoked superseded',
  },
  { step: '(j) in the list, not in the changes', lists: [base({ revoked }), delta()], answer: 'revoked superseded' },
  {
    step: '(k) removed by the changes',
    lists: [base({ revoked: [entryFor(plain, 'certificateHold')] }), delta({ revoked: removed })],
    answer: 'good',
  },
  { step: '(l) all reasons together', lists: [forReasons(some), forReasons(rest)], answer: 'good' },
];

for (const { step, lists, leaf = plain, others = [], answer } of cases) {
  test(`${step}: ${answer}`, () => {
    const question = { leaf, others: others.map(({ certificate }) => certificate) };
    assert.equal(answerOf(lists, question), answer);
  });
}
