/** Partners: what is read as one, and that each verified peer is exactly one of them or none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { isRefusal } from '../../ground/errors/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { TestAuthority, type TestCertificate } from '../../surfaces/testing/index.ts';
import { parseCertificate, readCertificatesPem } from '../x509/index.ts';
import {
  organizationIdentifierOf,
  type Partner,
  partnerId,
  partnerNameOf,
  type PartnerPeer,
  PartnerSet,
  paymentServicesOf,
  readPartner,
} from './index.ts';

/** A QWAC as ETSI TS 119 495 describes it, made by OpenSSL. */
const qwac = `-----BEGIN CERTIFICATE-----
MIICljCCAjygAwIBAgIUYVTvK3wbibQG8kto0Jy9Jyf72qUwCgYIKoZIzj0EAwIw
XDELMAkGA1UEBhMCRVMxFjAUBgNVBAoMDUJhbmNvIEVqZW1wbG8xGTAXBgNVBGEM
EFBTREVTLUJERS0zREZEMjExGjAYBgNVBAMMEWFwaS5iYW5jby5leGFtcGxlMB4X
DTI2MTEyNjA3NTEyNFoXDTM2MTEyMzA3NTEyNFowXDELMAkGA1UEBhMCRVMxFjAU
BgNVBAoMDUJhbmNvIEVqZW1wbG8xGTAXBgNVBGEMEFBTREVTLUJERS0zREZEMjEx
GjAYBgNVBAMMEWFwaS5iYW5jby5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEbIWR+KZpO7LTF0InjV/qTc2Yowngp+tlpdCo/gKsU80fsa96D5kWRcmm
LNjyeEZyAkbB1KO6O+YXmxP9ZDIygqOB2zCB2DAcBgNVHREEFTATghFhcGkuYmFu
Y28uZXhhbXBsZTAdBgNVHSUEFjAUBggrBgEFBQcDAgYIKwYBBQUHAwEwegYIKwYB
BQUHAQMEbjBsMAgGBgQAjkYBATATBgYEAI5GAQYwCQYHBACORgEGAzBLBgYEAIGY
JwIwQTAmMBEGBwQAgZgnAQIMBlBTUF9QSTARBgcEAIGYJwEDDAZQU1BfQUkMD0Jh
bmNvIGRlIEVzcGFuYQwGRVMtQkRFMB0GA1UdDgQWBBRUjRFnsTrkL+XcKyucwLac
8jUepTAKBggqhkjOPQQDAgNIADBFAiEA3Wi3YP/aO3K4HilnYjc8feahOSwDYUsH
hq4i1yGE3QoCIBhmjY9in8fYDJWPQhc3ahIHTGQxrWHATnRpXjTQn4Vo
-----END CERTIFICATE-----
`;

const bank = new TestAuthority({ trustDomain: 'bank.example' });

function peerOf(der: Uint8Array, trustDomain: string, spiffeId?: string): PartnerPeer {
  const spkiPin = sha256Hex(parseCertificate(der).publicKey.raw);
  return { name: spiffeId ?? 'the peer', trustDomain, spiffeId, spkiPin, certificate: der };
}

function issued(name: string, wanted: TestCertificate = {}, trustDomain = 'bank.example'): PartnerPeer {
  const [leaf = new Uint8Array()] = bank.issue(name, wanted).chain;
  return peerOf(leaf, trustDomain, parseCertificate(leaf).subjectAltName.uri[0]);
}

const partner = (name: string, who: unknown, rest: object = {}): Partner => readPartner({ name, who, ...rest });
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return isRefusal(error) ? error.code : String(error);
  }
  return 'nothing';
};

test('a partner is read strictly, with what is wrong named by its place', () => {
  const who = { trustDomain: 'bank.example', spiffeId: 'spiffe://bank.example/partner/acme' };
  const whole = readPartner({
    ...{ name: 'acme', who, routes: ['payments:read'], contacts: ['ops@acme.example'] },
    limits: { requestsPerSecond: 50, requestsPerDay: 1000 },
  });
  assert.equal(whole.state, 'active');
  assert.deepEqual(whole.who, [who]);
  const wrong: readonly [object, string][] = [
    [{ name: 'Acme', who }, 'name'],
    [{ name: 'acme' }, 'who'],
    [{ name: 'acme', who: { trustDomain: 'bank.example' } }, 'who'],
    [{ name: 'acme', who: { spiffeId: who.spiffeId } }, 'who.trustDomain'],
    [{ name: 'acme', who: [who, { ...who, dnsname: 'a.example' }] }, 'who[1].dnsname'],
    [{ name: 'acme', who: { ...who, spkiPin: 'abc' } }, 'who'],
    [{ name: 'acme', who: { ...who, organizationIdentifier: 'ACME' } }, 'who.organizationIdentifier'],
    [{ name: 'acme', who: { ...who, paymentRoles: ['PSP_XX'] } }, 'who.paymentRoles'],
    [{ name: 'acme', who, state: 'asleep' }, 'state'],
    [{ name: 'acme', who, limits: { requestsPerSecond: 0 } }, 'limits.requestsPerSecond'],
    [{ name: 'acme', who, limits: { burst: 1.5 } }, 'limits.burst'],
    [{ name: 'acme', who, route: '*' }, 'partner.route'],
  ];
  for (const [value, where] of wrong) {
    assert.throws(
      () => readPartner(value),
      (error: unknown) => isRefusal(error) && error.code === 'CS-PARTNER-001' && error.evidence['where'] === where,
      where,
    );
  }
});

test('each peer is exactly one partner, or none', () => {
  const acme = partner('acme', { trustDomain: 'bank.example', spiffeId: 'spiffe://bank.example/partner/acme' });
  const beta = partner('beta', { trustDomain: 'bank.example', dnsName: 'beta.internal' });
  const partners = new PartnerSet([acme, beta]);
  assert.equal(partners.partnerOf(issued('partner/acme')), acme);
  assert.equal(partners.partnerOf(issued('beta')), beta);
  assert.equal(partners.partnerOf(issued('gamma')), undefined);
  const both = issued('partner/acme', {
    names: { uri: ['spiffe://bank.example/partner/acme'], dns: ['beta.internal'] },
  });
  assert.equal(
    codeOf(() => partners.partnerOf(both)),
    'CS-PARTNER-003',
  );
  assert.equal(
    codeOf(() => partners.partnerOf(both)),
    'CS-PARTNER-003',
    'remembered',
  );
});

test('what another trust domain vouches for is not believed', () => {
  const beta = new PartnerSet([partner('beta', { trustDomain: 'bank.example', dnsName: 'beta.internal' })]);
  assert.equal(beta.partnerOf(issued('beta', {}, 'other.example')), undefined);
});

test('all that an identity asks for must fit', () => {
  const peer = issued('beta');
  const asking = (more: object): Partner | undefined =>
    new PartnerSet([partner('beta', { trustDomain: 'bank.example', dnsName: 'beta.internal', ...more })]).partnerOf(
      peer,
    );
  assert.equal(asking({ spkiPin: peer.spkiPin })?.name, 'beta');
  assert.equal(asking({ spkiPin: 'ab'.repeat(32) }), undefined);
  assert.equal(asking({ uri: 'urn:beta' }), undefined);
});

test('two partners with one name or one identity are refused', () => {
  const who = { trustDomain: 'bank.example', dnsName: 'beta.internal' };
  assert.equal(
    codeOf(() => new PartnerSet([partner('beta', who), partner('beta', who)])),
    'CS-PARTNER-002',
  );
  assert.equal(
    codeOf(() => new PartnerSet([partner('beta', who), partner('gamma', who)])),
    'CS-PARTNER-002',
  );
});

test('a pattern of SPIFFE IDs stands for whole segments under its own trust domain', () => {
  const shop = partner('shop', { trustDomain: 'bank.example', spiffeId: 'spiffe://bank.example/shop/*' });
  const fleet = partner('fleet', { trustDomain: 'bank.example', spiffeId: 'spiffe://bank.example/fleet/**' });
  const till = partner('till', { trustDomain: 'bank.example', spiffeId: 'spiffe://bank.example/shop/till' });
  const partners = new PartnerSet([shop, fleet, till]);
  assert.equal(partners.partnerOf(issued('shop/desk')), shop);
  assert.equal(partners.partnerOf(issued('shop/desk/2')), undefined);
  assert.equal(partners.partnerOf(issued('shop')), undefined);
  assert.equal(partners.partnerOf(issued('fleet/a/b')), fleet);
  assert.equal(partners.partnerOf(issued('shop/desk', {}, 'other.example')), undefined);
  assert.equal(
    codeOf(() => partners.partnerOf(issued('shop/till'))),
    'CS-PARTNER-003',
    'one that is named, too, is two partners',
  );
});

test('where two partners with one identity are borne, the peer is neither', () => {
  const who = { trustDomain: 'bank.example', dnsName: 'beta.internal' };
  const partners = new PartnerSet([partner('beta', who), partner('gamma', who)], { oneIdentity: 'denied' });
  assert.equal(
    codeOf(() => partners.partnerOf(issued('beta'))),
    'CS-PARTNER-003',
  );
});

test('a QWAC is recognized by its decoded organization and its roles', () => {
  const [certificate] = readCertificatesPem(qwac);
  assert.ok(certificate !== undefined);
  assert.equal(organizationIdentifierOf(certificate), 'PSDES-BDE-3DFD21');
  const services = paymentServicesOf(certificate);
  assert.deepEqual(
    services?.roles.map(({ name }) => name),
    ['PSP_PI', 'PSP_AI'],
  );
  assert.equal(services.authorityId, 'ES-BDE');
  const peer = peerOf(certificate.raw, 'qwac.bank.example');
  const found = (more: object): Partner | undefined =>
    new PartnerSet([
      partner('banco', { trustDomain: 'qwac.bank.example', organizationIdentifier: 'PSDES-BDE-3DFD21', ...more }),
    ]).partnerOf(peer);
  assert.equal(found({})?.name, 'banco');
  assert.equal(found({ paymentRoles: ['PSP_AI'] })?.name, 'banco');
  assert.equal(found({ paymentRoles: ['PSP_AI', 'PSP_IC'] }), undefined);
  assert.equal(found({ organizationIdentifier: 'PSDES-BDE-3DFD22' }), undefined);
  const subject = { subject: 'CN=api.banco.example,2.5.4.97=PSDES-BDE-3DFD21,O=banco  ejemplo,C=ES' };
  assert.equal(found(subject)?.name, 'banco', 'the subject is compared as names are');
});

test('the ID of a partner and its name belong together', () => {
  assert.equal(partnerNameOf(partnerId('bank.example', 'acme'), 'bank.example'), 'acme');
  for (const other of [
    'spiffe://bank.example/partner/',
    'spiffe://bank.example/partner/a/b',
    'spiffe://x.example/partner/acme',
  ])
    assert.equal(partnerNameOf(other, 'bank.example'), undefined, other);
});

test('one of a thousand partners is found', () => {
  const thousand = Array.from({ length: 1000 }, (_, index) =>
    partner(`p${String(index)}`, {
      trustDomain: 'bank.example',
      spiffeId: `spiffe://bank.example/partner/p${String(index)}`,
    }),
  );
  assert.equal(new PartnerSet(thousand).partnerOf(issued('partner/p999'))?.name, 'p999');
});

test('a certificate is read once, however often its peer is looked for among other partners', () => {
  const acme = (dnsName: string, rest: object = {}): Partner =>
    partner('acme', { trustDomain: 'bank.example', dnsName }, rest);
  const told = issued('acme');
  let reads = 0;
  const peer: PartnerPeer = {
    ...told,
    get certificate() {
      reads += 1;
      return told.certificate;
    },
  };
  const first = new PartnerSet([acme('acme.internal')]);
  assert.equal(first.partnerOf(peer)?.state, 'active');
  const readsOfOne = reads;
  assert.ok(readsOfOne > 0);
  const suspended = new PartnerSet([acme('acme.internal', { state: 'suspended' })], { before: first });
  assert.equal(suspended.partnerOf(peer)?.state, 'suspended', 'as this set has it');
  const elsewhere = new PartnerSet([acme('other.internal')], { before: suspended });
  assert.equal(elsewhere.partnerOf(peer), undefined, 'another identity');
  const beside = new PartnerSet(
    [acme('acme.internal'), partner('beta', { trustDomain: 'bank.example', dnsName: 'acme.internal' })],
    {
      before: first,
      oneIdentity: 'denied',
    },
  );
  assert.equal(
    codeOf(() => beside.partnerOf(peer)),
    'CS-PARTNER-003',
    'one more of the same identity',
  );
  assert.equal(reads, readsOfOne);
});

test('among partners of the same identities nobody is looked for again', () => {
  const who = { trustDomain: 'bank.example', dnsName: 'acme.internal' };
  const first = new PartnerSet([partner('acme', who)]);
  const peer = issued('acme');
  assert.equal(first.partnerOf(peer)?.name, 'acme');
  const next = new PartnerSet([partner('acme', { ...who }, { state: 'suspended' })], { before: first });
  // Each search asks for it.
  Object.defineProperty(peer, 'trustDomain', { get: () => assert.fail('it was looked for') });
  assert.equal(next.partnerOf(peer)?.state, 'suspended');
});
