import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  answerOf,
  issuer,
  listQuestion,
  root,
  rootList,
  service,
  verdictOf,
} from '../../../../../../tests/fixtures/asked-lists.ts';
import {
  authorityExtensions,
  generatePrivateKey,
  type Holder,
  makeIssuer,
  makeRoot,
  makeService,
  testMoment,
} from '../../../../../../tests/fixtures/certificates.ts';
import { entryFor, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import {
  basicConstraintsExtension,
  type CertificateList,
  keyUsageExtension,
  parseCertificateList,
  type PublicKeyInfo,
} from '../../x509/index.ts';
import { checkPathByLists, HeldLists } from '../index.ts';

const name = issuer.certificate.subject.raw;

/** Of the issuer's name with a key of its own, certified by `parent`. */
function sameNamed(parent: Holder, usages: Parameters<typeof keyUsageExtension>[0] = ['cRLSign'], more = {}): Holder {
  return makeIssuer(parent, { subject: name, extensions: [keyUsageExtension(usages)], ...more });
}

const by = (signer: Holder, more = {}): CertificateList => makeList(issuer, { key: signer.key, ...more });

const others = (...holders: Holder[]) => ({ others: holders.map(({ certificate }) => certificate) });

test('a list that another key signed decides nothing', () => {
  const key = generatePrivateKey('P-256');
  const verdict = verdictOf([makeList(issuer, { key })]);
  assert.ok(verdict.status === 'undetermined');
  assert.equal(verdict.refusal.code, 'CS-CRL-007');
  // A key of another kind than the signature's, too.
  assert.equal(answerOf([makeList(issuer, { key: generatePrivateKey('Ed25519') })]), 'CS-CRL-007');
  const { raw } = makeList(issuer);
  const damaged = Uint8Array.from(raw, (octet, at) => (at === raw.length - 1 ? octet ^ 1 : octet));
  assert.equal(answerOf([parseCertificateList(damaged)]), 'CS-CRL-007');
});

test('that a key did not sign a list is remembered as that', () => {
  const question = listQuestion([makeList(issuer, { key: generatePrivateKey('P-256') })]);
  const codes = [1, 2].map(() => checkPathByLists(question).refusal?.code);
  assert.deepEqual(codes, ['CS-CRL-007', 'CS-CRL-007']);
});

test('another key of the issuer signs its lists, where a certificate of the same anchor says so', () => {
  const signer = sameNamed(root);
  assert.equal(answerOf([by(signer)]), 'CS-CRL-007');
  assert.equal(answerOf([by(signer)], others(signer)), 'good');
  assert.equal(answerOf([by(signer, { revoked: [entryFor(service)] })], others(signer)), 'revoked unspecified');
  const verdict = verdictOf([by(signer)], others(signer));
  assert.ok(verdict.status === 'good');
  assert.equal(verdict.used[0]?.signer, signer.certificate);
});

test('the key identifiers choose where both are there, so that others of the name take no room', () => {
  const signer = sameNamed(root);
  const eight = Array.from({ length: 8 }, () => sameNamed(root));
  assert.equal(answerOf([by(signer)], others(...eight, signer)), 'good');
  const unmarked = sameNamed(root, ['cRLSign'], { identifiers: [] });
  assert.equal(answerOf([by(unmarked)], others(unmarked)), 'good');
  const unnamed = { ...by(signer), authorityKeyIdentifier: undefined };
  assert.equal(answerOf([unnamed], others(sameNamed(root), signer)), 'good');
});

test('a certificate of the path may sign the list that covers it', () => {
  const next = sameNamed(issuer, ['keyCertSign', 'cRLSign'], { extensions: authorityExtensions() });
  const certificates = [makeService(next), next, issuer, root].map(({ certificate }) => certificate);
  const { refusal, verdicts } = checkPathByLists({
    ...listQuestion([by(next)]),
    path: { certificates, anchor: root.certificate },
  });
  assert.equal(refusal, undefined);
  assert.equal(verdicts.length, 3);
});

test('the path to a signer may go through what came along, and each certificate on it needs a list', () => {
  const between = makeIssuer(root, { subject: 'between' });
  const signer = sameNamed(between);
  const [list, ofBetween] = [by(signer), makeList(between)];
  assert.equal(answerOf([list, ofBetween], others(signer, between)), 'good');
  assert.equal(answerOf([list, ofBetween], others(signer)), 'CS-CRL-010');
  // Nothing says that it is not revoked.
  assert.equal(answerOf([list], others(signer, between)), 'CS-CRL-010');
});

test('what stands above the certificate in question is asked about once, and not for the sake of its list', () => {
  const signer = sameNamed(issuer);
  const question = { ...listQuestion([], others(signer)), lists: new HeldLists([by(signer)]) };
  assert.deepEqual(
    checkPathByLists(question).verdicts.map(({ verdict }) => verdict.status),
    ['good', 'undetermined'],
  );
});

test('the path to a signer is one from the anchor, whose bounds hold for it', () => {
  const anchor = makeRoot({ pathLength: 1 });
  const last = makeIssuer(anchor);
  const beyond = makeIssuer(last, { subject: 'beyond' });
  const signer = sameNamed(beyond);
  const lists = [makeList(last, { key: signer.key }), makeList(last, { scope: { only: 'authority' } })];
  const certificates = [makeService(last), last, anchor].map(({ certificate }) => certificate);
  const [leaf] = checkPathByLists({
    ...listQuestion([...lists, makeList(beyond), makeList(anchor)], others(signer, beyond)),
    path: { certificates, anchor: anchor.certificate },
  }).verdicts;
  assert.ok(leaf?.verdict.status === 'undetermined');
  assert.equal(leaf.verdict.refusal.code, 'CS-CRL-010');
});

test("the path to a signer is judged by the caller's profile and weaknesses", () => {
  // keyCertSign without cA, which section 6 of RFC 5280 alone does not mind.
  const odd = sameNamed(root, ['cRLSign', 'keyCertSign']);
  assert.equal(answerOf([by(odd)], others(odd)), 'CS-CRL-010');
  assert.equal(answerOf([by(odd)], { ...others(odd), profile: 'rfc5280-section-6' }), 'good');
  const { certificate, key } = sameNamed(root);
  const old = { ...certificate, signatureAlgorithm: 'ecdsa-with-SHA1' } as const;
  const verifySignature = (tried: PublicKeyInfo): boolean => tried !== issuer.certificate.publicKey;
  const question = { others: [old], verifySignature };
  assert.equal(answerOf([makeList(issuer, { key })], question), 'CS-CRL-010');
  assert.equal(answerOf([makeList(issuer, { key })], { ...question, dangerouslyAllow: ['sha1'] }), 'good');
});

test('a rollover: the old key certifies the new one, and the list of either serves', () => {
  const next = sameNamed(issuer, ['keyCertSign', 'cRLSign'], { extensions: authorityExtensions() });
  const lists = [makeList(issuer), by(next, { number: 2, revoked: [entryFor(service)], thisUpdate: testMoment })];
  assert.equal(answerOf(lists, others(next)), 'revoked unspecified');
  assert.equal(answerOf(lists), 'good');
});

test('whose keyUsage lacks cRLSign signs no list; without keyUsage nothing is restricted', () => {
  const signer = sameNamed(root, ['digitalSignature']);
  assert.equal(answerOf([by(signer)], others(signer)), 'CS-CRL-008');
  const unrestricted = sameNamed(root, ['cRLSign'], { extensions: [basicConstraintsExtension({ ca: true })] });
  assert.equal(answerOf([by(unrestricted)], others(unrestricted)), 'good');
});

test("another anchor's certificate, an expired one and a revoked one vouch for no list", () => {
  const stranger = sameNamed(makeRoot({ subject: 'stranger' }));
  assert.equal(answerOf([by(stranger)], others(stranger)), 'CS-CRL-010');
  // What comes along with it makes no anchor of itself.
  const elsewhere = makeRoot({ subject: 'elsewhere' });
  const below = sameNamed(elsewhere);
  assert.equal(answerOf([by(below)], others(below, elsewhere)), 'CS-CRL-010');
  const selfSigned = makeRoot({ subject: name });
  assert.equal(answerOf([by(selfSigned)], others(selfSigned)), 'CS-CRL-010');
  const expired = sameNamed(root, ['cRLSign'], { notAfter: testMoment - 1000 });
  assert.equal(answerOf([by(expired)], others(expired)), 'CS-CRL-010');
  const signer = sameNamed(root);
  const revoking = makeList(root, { number: 2, thisUpdate: testMoment, revoked: [entryFor(signer)] });
  const verdict = verdictOf([by(signer), revoking], others(signer));
  assert.ok(verdict.status === 'undetermined');
  assert.equal(verdict.refusal.code, 'CS-CRL-010');
  assert.match(String(verdict.refusal.evidence['reason']), /CS-CRL-002/);
});

test('a list may cover the certificate of its own signer, and must not revoke it', () => {
  const signer = sameNamed(issuer);
  assert.equal(answerOf([by(signer)], others(signer)), 'good');
  assert.equal(answerOf([by(signer, { revoked: [entryFor(signer)] })], others(signer)), 'CS-CRL-010');
});

test('a caller may know further authorities by itself', () => {
  const { certificate, key } = sameNamed(makeRoot({ subject: 'elsewhere' }));
  const known = { trusted: [{ subject: certificate.subject, publicKey: key.publicKey }] };
  assert.equal(answerOf([makeList(issuer, { key })], known), 'good');
});

test('an anchor may be a key and a name, without a certificate on the path', () => {
  const anchor = { subject: root.certificate.subject, publicKey: root.certificate.publicKey };
  const path = { certificates: [service.certificate, issuer.certificate], anchor };
  const { refusal, verdicts } = checkPathByLists({ ...listQuestion([makeList(issuer)]), path });
  assert.equal(refusal, undefined);
  assert.equal(verdicts.length, 2);
});

test('what keys did not sign a list is remembered of a few keys alone', () => {
  const list = makeList(issuer);
  const held = new HeldLists([list]);
  const { publicKey } = issuer.key;
  const keys = Array.from({ length: 17 }, (_, at) => ({ ...publicKey, raw: Uint8Array.of(...publicKey.raw, at) }));
  let verified = 0;
  const verify = (): boolean => {
    verified++;
    return false;
  };
  for (const key of [...keys, ...keys]) held.isSigned(list, key, verify);
  assert.equal(verified, 18);
});

test('many certificates of the name cost a bounded number of paths, for one list and for many', () => {
  // Of another root of the same name, so that each path costs a signature.
  const strangers = makeRoot();
  const signers = Array.from({ length: 20 }, () => sameNamed(strangers, ['cRLSign'], { identifiers: [] }));
  const { key } = makeService(root);
  const verified = (count: number): number => {
    let calls = 0;
    const lists = Array.from({ length: count }, (_, number) => makeList(issuer, { key, number }));
    const verifySignature = (): boolean => {
      calls++;
      return false;
    };
    assert.equal(verdictOf(lists, { ...others(...signers), verifySignature }).status, 'undetermined');
    return calls;
  };
  // One signature a list is of the issuer itself, and one of the root.
  assert.ok(verified(1) <= 8 + 2, String(verified(1)));
  assert.ok(verified(20) <= 32 + 20 + 1, String(verified(20)));
  assert.equal(rootList.version, 2);
});

test('an outdated algorithm signs lists only where the caller asks for it by name', () => {
  const key = generatePrivateKey('RSA');
  const holder = makeIssuer(root, { key, subject: name });
  const list = { ...by(holder), signatureAlgorithm: 'sha1WithRSAEncryption' } as const;
  assert.equal(answerOf([list], others(holder)), 'CS-X509-002');
  assert.equal(answerOf([{ ...list, signatureAlgorithm: 'oid 1.2.3' }], others(holder)), 'CS-X509-002');
  assert.equal(answerOf([by(holder)], others(holder)), 'good');
  const weak = { trusted: [{ subject: holder.certificate.subject, publicKey: { ...key.publicKey, bits: 1024 } }] };
  assert.equal(answerOf([by(holder)], weak), 'CS-X509-002');
  assert.equal(answerOf([by(holder)], { ...weak, dangerouslyAllow: ['rsa-1024'] }), 'good');
});
