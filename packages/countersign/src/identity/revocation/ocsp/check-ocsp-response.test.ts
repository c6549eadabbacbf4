import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  hourMs,
  makeIssuer,
  makeRoot,
  makeService,
  type Recipe,
  testMoment,
} from '../../../../../../tests/fixtures/certificates.ts';
import { certIdHash, generatePrivateKey, verifySignature } from '../../../runtime/cryptography/index.ts';
import { encodeOid, encodeOctetString, encodeSequence, fromHex, tags, toHex } from '../../../ground/encoding/index.ts';
import {
  archiveCutoffExtension,
  basicConstraintsExtension,
  type CertIdHash,
  type CertStatus,
  encodeCertId,
  encodeOcspError,
  encodeOcspResponse,
  encodeResponseData,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  keyUsageExtension,
  nonceExtension,
  ocspNoCheckExtension,
  parseOcspResponse,
  type ResponseDataFields,
} from '../../x509/index.ts';
import { checkOcspResponse } from './check-ocsp-response.ts';
import type { OcspAnswer, OcspQuestion } from './ocsp-question.ts';

const root = makeRoot();
const issuer = makeIssuer(root);
const leaf = makeService(issuer);
const minuteMs = 60_000;

const responderExtensions = [extendedKeyUsageExtension([extendedKeyUsages.OCSPSigning]), ocspNoCheckExtension()];
const makeResponder = (recipe: Recipe = {}, parent = issuer): typeof issuer =>
  makeService(parent, { subject: 'responder', extensions: responderExtensions, ...recipe });
const responder = makeResponder();

interface Made {
  readonly status?: CertStatus;
  readonly thisUpdate?: number;
  readonly nextUpdate?: number | 'absent';
  readonly producedAt?: number;
  readonly hash?: CertIdHash;
  readonly serial?: string;
  readonly certIdIssuer?: typeof issuer;
  readonly single?: readonly Uint8Array[];
  readonly extensions?: readonly Uint8Array[];
  readonly responderId?: ResponseDataFields['responderId'];
  readonly signer?: typeof issuer;
  readonly certificates?: readonly Uint8Array[];
  /** Further single responses before this one. */
  readonly before?: readonly Made[];
}

function singleOf(made: Made): ResponseDataFields['responses'][number] {
  const { status = { status: 'good' }, hash = 'SHA-1', serial = leaf.certificate.serialNumber } = made;
  const { thisUpdate = testMoment - minuteMs, nextUpdate = testMoment + hourMs, certIdIssuer = issuer } = made;
  const octets = fromHex(serial) ?? new Uint8Array();
  return {
    certId: encodeCertId(certIdIssuer.certificate, octets, hash, (bytes) => certIdHash(hash, bytes)),
    certStatus: status,
    thisUpdate,
    ...(nextUpdate === 'absent' ? {} : { nextUpdate }),
    extensions: made.single ?? [],
  };
}

function make(made: Made = {}): Uint8Array {
  const signer = made.signer ?? issuer;
  const data = encodeResponseData({
    responderId: made.responderId ?? { name: signer.certificate.subject.raw },
    producedAt: made.producedAt ?? testMoment - minuteMs,
    responses: [...(made.before ?? []), made].map(singleOf),
    extensions: made.extensions ?? [],
  });
  const { signatureAlgorithm: algorithm } = signer.key;
  return encodeOcspResponse(data, algorithm, signer.key.sign(data), made.certificates);
}

function check(der: Uint8Array, over: Partial<OcspQuestion> = {}): OcspAnswer {
  return checkOcspResponse({
    certificate: leaf.certificate,
    issuer: issuer.certificate,
    response: parseOcspResponse(der),
    at: testMoment,
    verifySignature,
    hash: certIdHash,
    ...over,
  });
}

/** The status, or the code with the rule of what is undetermined. */
function told(answer: OcspAnswer): string {
  if (answer.status !== 'undetermined') return answer.status;
  const { code, evidence } = answer.refusal;
  return 'rule' in evidence ? `${code}: ${String(evidence['rule'])}` : code;
}

const verdict = (made: Made = {}, over: Partial<OcspQuestion> = {}): string => told(check(make(made), over));

const delegated = (holder: typeof issuer, made: Made = {}): Made => ({
  signer: holder,
  certificates: [holder.certificate.raw],
  ...made,
});

const any = (oid: string, critical: boolean): Uint8Array =>
  encodeSequence(
    encodeOid(oid),
    ...(critical ? [Uint8Array.of(tags.boolean, 1, 0xff)] : []),
    encodeOctetString(Uint8Array.of(1)),
  );

describe('what the answer says', () => {
  test('good, revoked and unknown, with the evidence', () => {
    const good = check(make());
    assert.ok(good.status === 'good');
    assert.deepEqual(good.responder, { kind: 'issuer' });
    assert.equal(good.thisUpdate, testMoment - minuteMs);
    assert.equal(good.freshUntil, testMoment + hourMs);
    const status = { status: 'revoked', revocationTime: testMoment - hourMs, reason: 'keyCompromise' } as const;
    const revoked = check(make({ status }));
    assert.ok(revoked.status === 'revoked');
    assert.deepEqual([revoked.revokedAt, revoked.reason], [testMoment - hourMs, 'keyCompromise']);
    const unknown = check(make({ status: { status: 'unknown' } }));
    assert.ok(unknown.status === 'unknown');
    assert.equal(unknown.refusal.code, 'CS-OCSP-009');
  });

  test('of several about the certificate the worst counts, and others do not', () => {
    const revoked: CertStatus = { status: 'revoked', revocationTime: testMoment };
    assert.equal(verdict({ before: [{ status: revoked }] }), 'revoked');
    assert.equal(verdict({ status: { status: 'unknown' }, before: [{}] }), 'unknown');
    assert.equal(verdict({ before: [{ status: revoked, serial: '0A' }] }), 'good');
    assert.equal(verdict({ before: [{ status: revoked, certIdIssuer: root }] }), 'good');
    assert.equal(verdict({ before: [{ thisUpdate: 0, nextUpdate: 1000 }] }), 'good', 'one out of time says nothing');
  });

  test('an error says nothing', () => {
    const answer = check(encodeOcspError('tryLater'));
    assert.equal(told(answer), 'CS-OCSP-002');
  });
});

describe('about which certificate', () => {
  test('named by each hash', () => {
    for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'] as const) assert.equal(verdict({ hash }), 'good');
  });

  test('another serial number, another issuer name or key', () => {
    const sameName = makeIssuer(root);
    const sameKey = makeIssuer(root, { subject: 'another name', key: issuer.key });
    assert.equal(verdict({ serial: '01' }), 'CS-OCSP-005');
    assert.equal(verdict({ certIdIssuer: sameName }), 'CS-OCSP-005');
    assert.equal(verdict({ certIdIssuer: sameKey }), 'CS-OCSP-005');
  });
});

describe('when', () => {
  const tolerated = { toleranceMs: 5 * minuteMs };
  test('nextUpdate past, thisUpdate or producedAt in the future', () => {
    const past = { thisUpdate: testMoment - hourMs, nextUpdate: testMoment - 5 * minuteMs };
    assert.equal(verdict(past, tolerated), 'good');
    assert.match(verdict({ ...past, nextUpdate: past.nextUpdate - 1000 }, tolerated), /006: nextUpdate is past/);
    const early = { thisUpdate: testMoment + 5 * minuteMs };
    assert.equal(verdict(early, tolerated), 'good');
    assert.match(verdict({ thisUpdate: early.thisUpdate + 1000 }, tolerated), /006: thisUpdate is in the future/);
    assert.match(verdict({ producedAt: testMoment + 6 * minuteMs }, tolerated), /006: producedAt is in the future/);
  });

  test('older than is allowed, with or without a nextUpdate', () => {
    const old = { thisUpdate: testMoment - hourMs };
    assert.equal(verdict(old, { mostAgeMs: hourMs }), 'good');
    for (const nextUpdate of ['absent', testMoment + hourMs] as const) {
      assert.match(verdict({ ...old, nextUpdate }, { mostAgeMs: hourMs - 1000 }), /006: thisUpdate is more than/);
    }
    const fresh = check(make({ nextUpdate: 'absent' }), { mostAgeMs: hourMs });
    assert.ok(fresh.status === 'good');
    assert.equal(fresh.freshUntil, testMoment - minuteMs + hourMs);
  });

  test('good of a certificate that had expired needs an archiveCutoff', () => {
    const over = { certificate: { ...leaf.certificate, notAfter: testMoment - hourMs } };
    assert.match(verdict({}, over), /006: produced when the certificate had expired/);
    assert.equal(verdict({ single: [archiveCutoffExtension(testMoment - 2 * hourMs)] }, over), 'good');
    assert.match(verdict({ single: [archiveCutoffExtension(testMoment)] }, over), /006: produced/);
    const status: CertStatus = { status: 'revoked', revocationTime: testMoment };
    assert.equal(verdict({ status }, over), 'revoked');
  });
});

describe('who signed', () => {
  test('the issuer, by name or by key', () => {
    const keyHash = certIdHash('SHA-1', issuer.certificate.publicKey.key);
    assert.equal(verdict({ responderId: { keyHash } }), 'good');
    assert.equal(
      verdict({ signer: makeIssuer(root), responderId: { name: issuer.certificate.subject.raw } }),
      'CS-OCSP-004',
    );
  });

  test('a delegated responder, among other certificates', () => {
    const keyHash = certIdHash('SHA-1', responder.certificate.publicKey.key);
    for (const responderId of [{ keyHash }, { name: responder.certificate.subject.raw }]) {
      const certificates = [leaf.certificate.raw, encodeSequence(), responder.certificate.raw];
      const answer = check(make({ signer: responder, certificates, responderId }));
      assert.ok(answer.status === 'good' && answer.responder.kind === 'delegated');
      assert.equal(answer.responder.mustBeChecked, false);
      assert.equal(answer.responder.certificate.serialNumber, responder.certificate.serialNumber);
    }
    const ends = makeResponder({ notAfter: testMoment + minuteMs });
    const short = check(make(delegated(ends)));
    assert.ok(short.status === 'good');
    assert.equal(short.freshUntil, testMoment + minuteMs, 'not longer than its certificate');
  });

  test('its own revocation is left to the caller where nocheck is absent', () => {
    const open = makeResponder({ extensions: responderExtensions.slice(0, 1) });
    const answer = check(make(delegated(open)));
    assert.ok(answer.status === 'good' && answer.responder.kind === 'delegated');
    assert.equal(answer.responder.mustBeChecked, true);
  });

  test('nobody else: the leaf, a sibling, a stranger, one for other uses', () => {
    assert.match(
      verdict(delegated(leaf, { responderId: { keyHash: certIdHash('SHA-1', leaf.key.publicKey.key) } })),
      /OCSPSigning/,
    );
    const anyUse = makeResponder({ extensions: [extendedKeyUsageExtension([extendedKeyUsages.anyExtendedKeyUsage])] });
    assert.match(verdict(delegated(anyUse)), /003: .*OCSPSigning/);
    const bare = makeResponder({ extensions: [basicConstraintsExtension({ ca: false })] });
    assert.match(verdict(delegated(bare)), /003: .*OCSPSigning/);
    const agrees = makeResponder({ extensions: [...responderExtensions, keyUsageExtension(['keyAgreement'])] });
    assert.match(verdict(delegated(agrees)), /003: .*signatures/);
    assert.match(verdict(delegated(makeResponder({}, root))), /003: another authority/);
    assert.match(verdict(delegated(makeResponder({}, makeIssuer(root)))), /003: .*not signed by the key/);
    assert.match(verdict({ signer: responder }), /003: neither/, 'its certificate is missing');
    const odd = makeResponder({ moreExtensions: [any('1.2.3.4', true)] });
    assert.match(verdict(delegated(odd)), /003: .*1\.2\.3\.4/);
    const forged = makeService(issuer, { subject: 'responder', extensions: responderExtensions });
    assert.equal(verdict(delegated(responder, { signer: forged })), 'CS-OCSP-004');
  });

  test('a responder only as long as its certificate is valid', () => {
    const over = { toleranceMs: minuteMs };
    assert.match(verdict(delegated(makeResponder({ notAfter: testMoment - 2 * minuteMs })), over), /003: .*expired/);
    assert.match(
      verdict(delegated(makeResponder({ notBefore: testMoment + 2 * minuteMs })), over),
      /003: .*not valid yet/,
    );
  });

  test('one of local configuration', () => {
    const local = makeService(makeRoot({ subject: 'elsewhere' }), { subject: 'local responder', extensions: [] });
    assert.match(verdict({ signer: local, certificates: [local.certificate.raw] }), /003/);
    const answer = check(make({ signer: local }), { trustedResponders: [local.certificate] });
    assert.ok(answer.status === 'good');
    assert.equal(answer.responder.kind, 'trusted');
  });

  test('with an algorithm that is accepted', () => {
    const der = make();
    const response = parseOcspResponse(der);
    assert.ok(response.status === 'successful');
    const weak = { ...response, basic: { ...response.basic, signatureAlgorithm: 'ecdsa-with-SHA1' as const } };
    assert.equal(told(check(der, { response: weak })), 'CS-X509-002');
    assert.equal(told(check(der, { response: weak, dangerouslyAllow: ['sha1'] })), 'CS-OCSP-004');
    const unknown = { ...response, basic: { ...response.basic, signatureAlgorithm: 'oid 1.2.3' as const } };
    assert.equal(told(check(der, { response: unknown, dangerouslyAllow: ['sha1'] })), 'CS-X509-002');
    assert.equal(verdict({ signer: { ...issuer, key: generatePrivateKey('Ed25519') } }), 'CS-OCSP-004');
  });
});

test('critical extensions that nobody knows, of the whole and of the single response', () => {
  assert.equal(verdict({ extensions: [any('1.2.3', false)], single: [any('1.2.3', false)] }), 'good');
  assert.equal(verdict({ extensions: [any('1.2.3', true)] }), 'CS-OCSP-007');
  assert.equal(verdict({ single: [any('1.2.3', true)] }), 'CS-OCSP-007');
  assert.equal(verdict({ before: [{ serial: '0A', single: [any('1.2.3', true)] }] }), 'good', 'of another certificate');
  assert.equal(verdict({ single: [any('1.3.6.1.4.1.11129.2.4.5', true)] }), 'good');
});

test('a nonce is repeated, or its absence is borne', () => {
  const nonce = Uint8Array.of(1, 2, 3);
  const asked = { hex: toHex(nonce), required: false };
  const repeated: Made = { extensions: [nonceExtension(nonce)] };
  assert.equal(verdict(repeated, { nonce: { ...asked, required: true } }), 'good');
  assert.equal(verdict({}, { nonce: asked }), 'good');
  assert.match(verdict({}, { nonce: { ...asked, required: true } }), /008: no nonce/);
  assert.match(verdict(repeated, { nonce: { hex: '010204', required: false } }), /008: another nonce/);
  assert.equal(verdict(repeated), 'good', 'nobody asked');
});
