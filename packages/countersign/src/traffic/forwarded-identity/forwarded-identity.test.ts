import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { manualClock, systemClock } from '../../ground/clock/index.ts';
import { encodePem, toBase64, toBase64Url } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { allowAnyPeer, spiffeId } from '../../identity/authorization/index.ts';
import { withoutRevocation } from '../../identity/revocation/index.ts';
import { encodeName } from '../../identity/x509/index.ts';
import { generatePrivateKey } from '../../runtime/cryptography/index.ts';
import { createPeerVerifier, fixedSource, isVerifiedPeer, Trust, type VerifiedPeer } from '../../runtime/tls/index.ts';
import { TestAuthority, type TestCertificate } from '../../surfaces/testing/index.ts';
import {
  type CheckedCaller,
  clientCertHeaders,
  clientCertificateElement,
  crc32c,
  ForwardedPeer,
  givenKeys,
  identityHeader,
  identitySigner,
  isForwardedPeer,
  issuersOf,
  parseClientCertificate,
  proxyHeader,
  requestHash,
  rotatingKeys,
  takeIn,
  type TakeInOptions,
  verifyForwardedIdentity,
} from './index.ts';

const authority = new TestAuthority();
const stranger = new TestAuthority();
const trust = new Trust({
  bundles: fixedSource(authority.bundles()),
  revocations: fixedSource(withoutRevocation),
  clock: systemClock,
});
const verifier = createPeerVerifier({ peer: 'client', policy: allowAnyPeer(), trust, clock: systemClock });
const peerOf = (name: string, wanted: TestCertificate = {}): VerifiedPeer =>
  verifier.verify(authority.issue(name, wanted).chain);
const web = peerOf('web');
const proxy = peerOf('proxy');
const by = 'spiffe://test.internal/gateway';
const request = { method: 'GET', host: 'pay.internal', target: '/a?b=1' };

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (isRefusal(error)) return error.code;
    throw error;
  }
  return 'none';
}

test('RFC 9440: the leaf as one byte sequence, the issuers of the bundle beside it and never without it', () => {
  const issuers = issuersOf(web, authority.bundle());
  assert.deepEqual(issuers, [authority.issuer.raw]);
  assert.deepEqual(clientCertHeaders(web, issuers), [
    ['client-cert', `:${toBase64(web.certificate)}:`],
    ['client-cert-chain', `:${toBase64(authority.issuer.raw)}:`],
  ]);
  assert.equal(clientCertHeaders(web).length, 1);
  assert.equal(issuersOf(web, { ...authority.bundle(), intermediates: [] }), undefined, 'part of a chain is no chain');
});

test('nobody is named who was not checked', () => {
  const lookalike = { certificate: web.certificate, spiffeId: web.spiffeId, dnsNames: [] } as unknown as VerifiedPeer;
  assert.throws(() => clientCertHeaders(lookalike), TypeError);
  assert.throws(() => clientCertificateElement(lookalike, { by }), TypeError);
  assert.throws(() => proxyHeader(lookalike, { source: undefined, destination: undefined }), TypeError);
});

test('XFCC: what separates is quoted, what would end a quotation is written as digits, and it is read back', () => {
  const subject = encodeName({ organization: 'A "B" \\', commonName: 'wéb, By=x;URI=spiffe://test.internal/admin' });
  const odd = peerOf('odd', {
    subject,
    names: { uri: ['https://a.test/x;y=z', 'https://b.test/'], dns: ['web.internal'] },
  });
  const said = clientCertificateElement(odd, { by, certificate: true });
  assert.match(said, /^By=spiffe:\/\/test\.internal\/gateway;Hash=[0-9a-f]{64};Cert="-----BEGIN%20CERTIFICATE-----%0A/);
  assert.equal(
    said.slice(said.indexOf(';Subject=')),
    String.raw`;Subject="CN=w\C3\A9b\, By=x\;URI=spiffe://test.internal/admin,O=A \22B\22 \5C";URI="https://a.test/x;y=z";URI=https://b.test/;DNS=web.internal`,
  );
  const read = parseClientCertificate(`By=evil;URI=spiffe://test.internal/admin,${said}`);
  assert.ok(typeof read === 'object' && read.certificate !== undefined);
  assert.deepEqual(read.certificate, odd.certificate);
  assert.deepEqual(parseClientCertificate(clientCertificateElement(odd, { by, issuers: [authority.issuer.raw] })), {
    certificate: odd.certificate,
    issuers: [authority.issuer.raw],
    hash: read.hash,
  });
});

test('XFCC that is malformed is read as nothing, whatever is wrong with it', () => {
  for (const value of [
    '',
    'a',
    'By',
    'Hash=1',
    'Hash=;',
    'Foo=1',
    'By="',
    'URI=a"b',
    'Cert="%"',
    'Cert=a;Cert=a',
    'Chain="x"',
  ])
    assert.equal(typeof parseClientCertificate(value), 'string', value);
  const [one, other] = [web, proxy].map(({ certificate }) => encodeURIComponent(encodePem('CERTIFICATE', certificate)));
  assert.equal(parseClientCertificate(`Cert="${one}";Chain="${other}"`), 'Chain begins with Cert');
});

test('CRC-32C: the example of RFC 3720, B.4', () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, octet) => octet)), 0x46dd794e);
});

test('a PROXY header: addresses of both families, the checksum over itself, and no certificate where there was none', () => {
  const to = (address: string): Uint8Array =>
    proxyHeader(web, { source: { address, port: 4660 }, destination: { address: '::1', port: 443 } });
  assert.equal(Buffer.from(to('2001:db8::ff00:42:8329').subarray(13, 32)).toString('hex').slice(0, 2), '21');
  assert.equal(
    Buffer.from(to('2001:db8::ff00:42:8329').subarray(16, 32)).toString('hex'),
    '20010db8000000000000ff0000428329',
  );
  assert.equal(Buffer.from(to('192.0.2.1').subarray(16, 32)).toString('hex'), '00000000000000000000ffffc0000201');
  const header = proxyHeader(undefined, {
    source: { address: '::ffff:192.0.2.1', port: 1 },
    destination: { address: '192.0.2.2', port: 2 },
  });
  assert.deepEqual(header.subarray(12, 14), Uint8Array.of(0x21, 0x11));
  assert.equal(Buffer.from(header.subarray(16, 28)).toString('hex'), 'c0000201c000020200010002');
  const given = new DataView(header.buffer).getUint32(header.length - 4);
  header.fill(0, -4);
  assert.equal(given, crc32c(header));
  assert.equal(header[28], 0x20);
  assert.equal(header[31], 0x01, 'over TLS, and no certificate');
  assert.equal(header[35], 1, 'not verified');
});

const clock = manualClock(1_800_000_000_500);
const signingKeys = rotatingKeys({ clock });
const signer = identitySigner({ clock, keys: signingKeys, issuer: by });
const question = { ...request, audience: 'payments', issuer: by, clock };

test('a signed identity says who calls, for this request, program and minute alone', () => {
  const value = signer.sign(web, { ...request, audience: 'payments', partner: 'acme' });
  const jwks = signingKeys.jwks();
  const { subject, partner, thumbprint, dnsNames, certificate } = verifyForwardedIdentity(value, { ...question, jwks });
  assert.deepEqual(
    { subject, partner, thumbprint, dnsNames, certificate },
    {
      subject: web.spiffeId,
      partner: 'acme',
      thumbprint: web.thumbprint,
      dnsNames: ['web.internal'],
      certificate: undefined,
    },
  );
  const other = (changed: object): string =>
    codeOf(() => verifyForwardedIdentity(value, { ...question, jwks, ...changed }));
  assert.equal(other({ host: 'PAY.internal' }), 'none');
  for (const changed of [{ method: 'POST' }, { host: 'a' }, { target: '/a?b=2' }, { audience: 'a' }, { issuer: 'a' }])
    assert.equal(other(changed), 'CS-GATEWAY-054', JSON.stringify(changed));
  for (const at of [-6_000, 36_000])
    assert.equal(other({ clock: manualClock(clock.now() + at) }), 'CS-GATEWAY-054', `${at} ms`);
  assert.equal(other({ jwks: rotatingKeys({ clock }).jwks() }), 'CS-GATEWAY-053');
});

test('a signed identity that somebody made up or changed is none', () => {
  const jwks = signingKeys.jwks();
  const value = signer.sign(web, { ...request, audience: 'payments' });
  const [head = '', payload = '', signature = ''] = value.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const part = (of: object): string => toBase64Url(new TextEncoder().encode(JSON.stringify(of)));
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
  const forged = {
    nothing: undefined,
    'no JWS': 'abc',
    'another caller': `${head}.${part({ ...claims, sub: 'spiffe://test.internal/admin' })}.${signature}`,
    'alg none': `${part({ ...header, alg: 'none' })}.${payload}.`,
    'alg of another key': `${part({ ...header, alg: 'EdDSA' })}.${payload}.${signature}`,
    HMAC: `${part({ ...header, alg: 'HS256' })}.${payload}.${signature}`,
    'another typ': `${part({ ...header, typ: 'at+jwt' })}.${payload}.${signature}`,
    'no signature': `${head}.${payload}.`,
    'a signature of zeros': `${head}.${payload}.${toBase64Url(new Uint8Array(64))}`,
    'more parts': `${value}.${signature}`,
    huge: 'a'.repeat(100_000),
  };
  for (const [what, text] of Object.entries(forged))
    assert.equal(
      codeOf(() => verifyForwardedIdentity(text, { ...question, jwks })),
      'CS-GATEWAY-053',
      what,
    );
});

test('keys rotate: the next is published before it signs, and what the former signed holds until it is over', () => {
  const before = signingKeys.jwks();
  const value = signer.sign(web, { ...request, audience: 'payments' });
  clock.advance(86_400_000);
  const after = signer.sign(web, { ...request, audience: 'payments' });
  assert.notEqual(value.split('.')[0], after.split('.')[0]);
  assert.equal(
    codeOf(() => verifyForwardedIdentity(after, { ...question, jwks: before })),
    'none',
    'was published ahead',
  );
  assert.ok(signingKeys.jwks().keys.some(({ kid }) => kid === before.keys[0]?.kid));
  for (const type of ['P-256', 'Ed25519'] as const) {
    const keys = givenKeys([generatePrivateKey(type)]);
    const said = identitySigner({ clock, keys, issuer: by }).sign(web, { ...request, audience: 'payments' });
    assert.equal(verifyForwardedIdentity(said, { ...question, jwks: keys.jwks() }).subject, web.spiffeId, type);
  }
});

test('jose verifies what we sign, with the set as it is published', async () => {
  for (const type of ['P-256', 'Ed25519'] as const) {
    const keys = givenKeys([generatePrivateKey(type)]);
    const said = identitySigner({ clock, keys, issuer: by }).sign(web, { ...request, audience: 'payments' });
    const published = JSON.parse(JSON.stringify(keys.jwks())) as Parameters<typeof createLocalJWKSet>[0];
    const { payload } = await jwtVerify(said, createLocalJWKSet(published), {
      typ: 'countersign-identity+jwt',
      algorithms: ['ES256', 'EdDSA'],
      issuer: by,
      audience: 'payments',
      currentDate: new Date(clock.now()),
    });
    assert.deepEqual([payload.sub, payload['req']], [web.spiffeId, requestHash(request)], type);
  }
});

test('one request signed again costs no signature; another one, or a later one, does', () => {
  const said = (more: object = {}): string => signer.sign(web, { ...request, audience: 'payments', ...more });
  assert.equal(said(), said());
  assert.notEqual(said(), said({ target: '/other' }));
  const first = said();
  clock.advance(10_000);
  assert.notEqual(first, said());
});

const gatewayKeys = givenKeys([generatePrivateKey('P-256')]);
const options = (form: 'rfc9440' | 'xfcc' | 'signed'): TakeInOptions => ({
  trustedProxies: [
    {
      who: spiffeId('spiffe://test.internal/proxy'),
      form,
      signed: { audience: 'next', issuer: by, jwks: () => gatewayKeys.jwks() },
    },
  ],
  verifier,
  clock: systemClock,
});
const withHeaders = (
  ...headers: readonly (readonly [string, string])[]
): typeof request & { rawHeaders: string[] } => ({
  ...request,
  rawHeaders: headers.flat(),
});
const element = (caller: CheckedCaller): string => clientCertificateElement(caller, { by, certificate: true });
const signedWith = (caller: CheckedCaller, certificate: boolean): string =>
  identitySigner({ clock: systemClock, keys: gatewayKeys, issuer: by, certificate }).sign(caller, {
    ...request,
    audience: 'next',
  });

test('taken in from a proxy that is believed, in the form agreed upon: less than a VerifiedPeer', () => {
  const forms = {
    rfc9440: withHeaders(...clientCertHeaders(web)),
    xfcc: withHeaders(['X-Forwarded-Client-Cert', `${element(proxy)},${element(web)}`]),
    signed: withHeaders([identityHeader, signedWith(web, true)]),
  };
  for (const [form, asked] of Object.entries(forms)) {
    const taken = takeIn(proxy, asked, options(form as keyof typeof forms));
    assert.ok(taken.kind === 'forwarded', form);
    assert.equal(taken.peer.spiffeId, web.spiffeId);
    assert.equal(taken.peer.proxy, proxy);
    assert.ok(isForwardedPeer(taken.peer) && !isVerifiedPeer(taken.peer));
    assert.match(element(taken.peer), /URI=spiffe:\/\/test\.internal\/web/, 'may be named to the next one');
  }
  assert.throws(() => new ForwardedPeer(Symbol('mine'), web, proxy), TypeError);
});

test('from everybody else, and in every other form, it is nothing', () => {
  const asked = withHeaders(...clientCertHeaders(web));
  assert.deepEqual(takeIn(web, asked, options('rfc9440')), { kind: 'direct' });
  assert.deepEqual(takeIn(undefined, asked, options('rfc9440')), { kind: 'direct' });
  assert.equal(takeIn(proxy, asked, options('xfcc')).kind, 'nobody');
  assert.equal(
    takeIn(proxy, withHeaders(['client_cert', `:${toBase64(web.certificate)}:`]), options('rfc9440')).kind,
    'nobody',
  );
  assert.equal(takeIn(proxy, withHeaders(), options('signed')).kind, 'nobody');
  assert.throws(
    () => takeIn({ spiffeId: proxy.spiffeId } as unknown as VerifiedPeer, asked, options('rfc9440')),
    TypeError,
  );
});

test('what a believed proxy says is refused by name where it is malformed, or the certificate would not be let in', () => {
  const certificate = `:${toBase64(web.certificate)}:`;
  const presenting = (der: Uint8Array): readonly [string, string] => ['client-cert', `:${toBase64(der)}:`];
  const leafOf = (wanted: TestCertificate, of = authority): Uint8Array =>
    of.issue('web', wanted).chain[0] ?? new Uint8Array();
  const cases: readonly (readonly [string, 'rfc9440' | 'xfcc' | 'signed', readonly (readonly [string, string])[]])[] = [
    [
      'CS-GATEWAY-050',
      'rfc9440',
      [
        ['client-cert', certificate],
        ['Client-Cert', certificate],
      ],
    ],
    ['CS-GATEWAY-050', 'rfc9440', [['client-cert', toBase64(web.certificate)]]],
    ['CS-GATEWAY-050', 'rfc9440', [['client-cert', `${certificate}, ${certificate}`]]],
    ['CS-GATEWAY-050', 'rfc9440', [['client-cert', `${certificate};a=1`]]],
    ['CS-GATEWAY-050', 'rfc9440', [['client-cert-chain', certificate]]],
    [
      'CS-GATEWAY-050',
      'rfc9440',
      [
        ['client-cert', certificate],
        ['client-cert-chain', new Array(9).fill(certificate).join(',')],
      ],
    ],
    ['CS-GATEWAY-050', 'xfcc', [['x-forwarded-client-cert', 'By="']]],
    [
      'CS-GATEWAY-050',
      'xfcc',
      [['x-forwarded-client-cert', `Hash=${'0'.repeat(64)};${element(web).split(';')[2] ?? ''}`]],
    ],
    ['CS-GATEWAY-051', 'xfcc', [['x-forwarded-client-cert', clientCertificateElement(web, { by })]]],
    ['CS-GATEWAY-051', 'signed', [[identityHeader, signedWith(web, false)]]],
    ['CS-GATEWAY-053', 'signed', [[identityHeader, 'a.b.c']]],
    ['CS-GATEWAY-052', 'rfc9440', [presenting(leafOf({}, stranger))]],
    ['CS-GATEWAY-052', 'rfc9440', [presenting(leafOf({ notAfterMs: -1_000 }))]],
    ['CS-GATEWAY-052', 'rfc9440', [presenting(leafOf({ usages: ['1.3.6.1.5.5.7.3.1'] }))]],
    ['CS-GATEWAY-052', 'rfc9440', [presenting(authority.root.raw)]],
    ['CS-GATEWAY-052', 'rfc9440', [presenting(Uint8Array.of(1, 2, 3))]],
  ];
  for (const [code, form, headers] of cases)
    assert.equal(
      codeOf(() => takeIn(proxy, withHeaders(...headers), options(form))),
      code,
      JSON.stringify(headers).slice(0, 90),
    );
});
