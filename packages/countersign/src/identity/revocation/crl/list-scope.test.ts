import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, issuer, root, verdictOf } from '../../../../../../tests/fixtures/asked-lists.ts';
import { type Holder, makeIssuer, makeService, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import { entryFor, type ListRecipe, makeList } from '../../../../../../tests/fixtures/revocation-lists.ts';
import {
  encodeElement,
  encodeExplicit,
  encodeSequence,
  encodeOid,
  contextConstructed,
} from '../../../ground/encoding/index.ts';
import {
  type CertificateList,
  crlDistributionPointsExtension,
  crlExtensionOids,
  issuerAltNameExtension,
  keyUsageExtension,
  parseNameText,
  type WritableDistributionPoint,
} from '../../x509/index.ts';

const shard = 'http://lists.internal/7.crl';

function leafAt(...points: WritableDistributionPoint[]): Holder {
  return makeService(issuer, { moreExtensions: points.length === 0 ? [] : [crlDistributionPointsExtension(points)] });
}

const at = (uri: string): WritableDistributionPoint => ({ fullName: { uri: [uri] } });

function ask(leaf: Holder, scope: NonNullable<ListRecipe['scope']>, more: ListRecipe = {}): string {
  return answerOf([makeList(issuer, { scope, ...more })], { leaf });
}

test('a shard covers the certificates that name it', () => {
  const scope = { fullName: { uri: [shard] } };
  assert.equal(ask(leafAt(at(shard)), scope), 'good');
  assert.equal(ask(leafAt(at('http://lists.internal/8.crl')), scope), 'CS-CRL-006');
  assert.equal(ask(leafAt(), scope), 'CS-CRL-006');
  const leaf = leafAt(at('http://other/'), at(shard));
  assert.equal(ask(leaf, scope, { revoked: [entryFor(leaf, 'superseded')] }), 'revoked superseded');
});

test('names of points are compared as names: scheme and host without case, the path as it stands', () => {
  const scope = (uri: string) => ({ fullName: { uri: [uri] } });
  assert.equal(ask(leafAt(at(shard)), scope('HTTP://Lists.Internal/7.crl')), 'good');
  assert.equal(ask(leafAt(at(shard)), scope('http://lists.internal/7.CRL')), 'CS-CRL-006');
  const directory = [parseNameText('CN=list,O=Example')];
  const sameDirectory = [parseNameText('CN=LIST,O=example')];
  assert.equal(ask(leafAt({ fullName: { directory } }), { fullName: { directory: sameDirectory } }), 'good');
});

test('a complete list serves certificates that name points, and certificates that name none', () => {
  assert.equal(answerOf([makeList(issuer)], { leaf: leafAt(at(shard)) }), 'good');
  assert.equal(answerOf([makeList(issuer)], { leaf: leafAt() }), 'good');
});

test("a list under the issuer's own name serves certificates without points, under another of its names, too", () => {
  const own = { fullName: { directory: [issuer.certificate.subject] } };
  assert.equal(ask(leafAt(), own), 'good');
  const leaf = makeService(issuer, { moreExtensions: [issuerAltNameExtension({ uri: [shard] })] });
  assert.equal(ask(leaf, { fullName: { uri: [shard] } }), 'good');
  const names = issuerAltNameExtension({ directory: [parseNameText('CN=alias')] });
  const aliased = makeService(issuer, { moreExtensions: [names] });
  const named = (text: string) => ({ fullName: { directory: [parseNameText(text)] } });
  assert.equal(ask(aliased, named('CN=alias')), 'good');
  assert.equal(ask(aliased, named('CN=another')), 'CS-CRL-006');
});

test('lists for end-entities, for authorities, for attributes: each covers its own kind', () => {
  assert.equal(ask(leafAt(), { only: 'user' }), 'good');
  assert.equal(ask(leafAt(), { only: 'authority' }), 'CS-CRL-006');
  assert.equal(ask(leafAt(), { only: 'attribute' }), 'CS-CRL-006');
  const authority = makeIssuer(issuer, { subject: 'below' });
  assert.equal(ask(authority, { only: 'user' }), 'CS-CRL-006');
  assert.equal(ask(authority, { only: 'authority' }), 'good');
});

test('a relative name stands below the issuer of the list, in the list and in the certificate', () => {
  const [relative] = parseNameText('OU=seven').relativeNames;
  const leaf = leafAt({ nameRelativeToCRLIssuer: relative! });
  const below = parseNameText(`OU=seven,${issuer.certificate.subject.text}`);
  assert.equal(ask(leaf, { fullName: { directory: [below] } }), 'good');
  assert.equal(ask(leaf, { fullName: { directory: [parseNameText('OU=seven')] } }), 'CS-CRL-006');
  // nameRelativeToCRLIssuer in the list.
  const member = encodeSequence(encodeOid('2.5.4.11'), relative![0]!.value);
  const point = encodeSequence(encodeExplicit(0, encodeElement(contextConstructed(1), member)));
  const extension = encodeSequence(
    encodeOid(crlExtensionOids.issuingDistributionPoint),
    Uint8Array.of(1, 1, 0xff),
    encodeElement(4, point),
  );
  const list = makeList(issuer, { moreExtensions: [extension] });
  assert.equal(answerOf([list], { leaf }), 'good');
  assert.equal(answerOf([list], { leaf: leafAt({ fullName: { directory: [below] } }) }), 'good');
  assert.equal(answerOf([list], { leaf: leafAt(at(shard)) }), 'CS-CRL-006');
});

test('lists for some reasons decide together, and not one alone', () => {
  const compromise = { onlySomeReasons: ['keyCompromise', 'cACompromise', 'aACompromise'] } as const;
  const rest = {
    onlySomeReasons: [
      'affiliationChanged',
      'superseded',
      'cessationOfOperation',
      'certificateHold',
      'privilegeWithdrawn',
    ],
  } as const;
  const leaf = leafAt();
  const [first, other] = [makeList(issuer, { scope: compromise }), makeList(issuer, { scope: rest })];
  assert.equal(answerOf([first, other], { leaf }), 'good');
  const alone = verdictOf([first], { leaf });
  assert.ok(alone.status === 'undetermined');
  assert.equal(alone.refusal.code, 'CS-CRL-011');
  assert.deepEqual(alone.refusal.evidence['missing'], rest.onlySomeReasons);
  const revoking = makeList(issuer, { scope: rest, revoked: [entryFor(leaf, 'superseded')] });
  assert.equal(answerOf([first, revoking], { leaf }), 'revoked superseded');
  // Together they are good for as long as the one that ends first.
  const nextUpdate = testMoment + 1000;
  const both = verdictOf([first, makeList(issuer, { scope: rest, nextUpdate })], { leaf });
  assert.ok(both.status === 'good');
  assert.equal(both.freshUntil, nextUpdate);
  // What one of them revokes stands without the other.
  assert.equal(answerOf([revoking], { leaf }), 'revoked superseded');
});

test('a point for some reasons leaves the others to the next', () => {
  const reasons = ['keyCompromise'] as const;
  const leaf = leafAt({ fullName: { uri: [shard] }, reasons });
  assert.equal(ask(leaf, { fullName: { uri: [shard] } }), 'CS-CRL-011');
  assert.equal(answerOf([makeList(issuer)], { leaf }), 'good');
});

// Indirect lists.

const listIssuer = makeIssuer(root, { subject: 'list issuer', extensions: [keyUsageExtension(['cRLSign'])] });
const directory = [listIssuer.certificate.subject];
const others = [listIssuer.certificate];
const indirect = (recipe: ListRecipe = {}): CertificateList =>
  makeList(listIssuer, { scope: { indirectCRL: true }, ...recipe });

test('an indirect list of the issuer whom the point names decides', () => {
  const leaf = leafAt({ cRLIssuer: { directory } });
  assert.equal(answerOf([indirect()], { leaf, others }), 'good');
  const certificateIssuer = issuer.certificate.subject.raw;
  const revoked = [{ ...entryFor(leaf, 'keyCompromise'), certificateIssuer }];
  assert.equal(answerOf([indirect({ revoked })], { leaf, others }), 'revoked keyCompromise');
  // The same serial number, of the list's issuer itself.
  assert.equal(answerOf([indirect({ revoked: [entryFor(leaf)] })], { leaf, others }), 'good');
  assert.equal(answerOf([makeList(listIssuer)], { leaf, others }), 'CS-CRL-006');
  assert.equal(answerOf([indirect()], { leaf: leafAt(), others }), 'CS-CRL-003');
  assert.equal(answerOf([indirect()], { leaf }), 'CS-CRL-007');
});

test("what the certificate names comes before its issuer's own list", () => {
  const leaf = leafAt({ cRLIssuer: { directory } });
  const revoked = [{ ...entryFor(leaf, 'keyCompromise'), certificateIssuer: issuer.certificate.subject.raw }];
  assert.equal(answerOf([makeList(issuer), indirect({ revoked })], { leaf, others }), 'revoked keyCompromise');
});

test("an indirect list is matched by the point's name, or by the cRLIssuer where the point has none", () => {
  const named = { indirectCRL: true, fullName: { uri: [shard] } };
  const ask = (point: WritableDistributionPoint, scope: ListRecipe['scope'] & object): string =>
    answerOf([indirect({ scope })], { leaf: leafAt(point), others });
  assert.equal(ask({ ...at(shard), cRLIssuer: { directory } }, named), 'good');
  assert.equal(ask({ ...at('http://other/'), cRLIssuer: { directory } }, named), 'CS-CRL-006');
  assert.equal(ask({ cRLIssuer: { directory } }, named), 'CS-CRL-006');
  assert.equal(ask({ cRLIssuer: { directory, uri: [shard] } }, named), 'good');
});

test("a relative name beside a cRLIssuer stands below that one's", () => {
  const [relative] = parseNameText('OU=seven').relativeNames;
  const leaf = leafAt({ nameRelativeToCRLIssuer: relative!, cRLIssuer: { directory } });
  const below = (name: string) => ({ directory: [parseNameText(`OU=seven,${name}`)] });
  const ask = (name: string): string =>
    answerOf([indirect({ scope: { indirectCRL: true, fullName: below(name) } })], { leaf, others });
  assert.equal(ask(listIssuer.certificate.subject.text), 'good');
  assert.equal(ask(issuer.certificate.subject.text), 'CS-CRL-006');
});

test('where a point names no other issuer, an indirect list is not the one that it promises', () => {
  assert.equal(ask(leafAt(at(shard)), { fullName: { uri: [shard] }, indirectCRL: true }), 'CS-CRL-006');
  assert.equal(ask(leafAt(), { indirectCRL: true }), 'good');
});

test('the most useful reason is told: the right shard out of date, not the wrong ones', () => {
  const wrong = Array.from({ length: 5 }, (_, number) =>
    makeList(issuer, { scope: { fullName: { uri: [`http://lists.internal/${String(number)}.crl`] } } }),
  );
  const stale = makeList(issuer, { scope: { fullName: { uri: [shard] } }, nextUpdate: testMoment - 1000 });
  assert.equal(answerOf([...wrong, stale], { leaf: leafAt(at(shard)) }), 'CS-CRL-004');
});
