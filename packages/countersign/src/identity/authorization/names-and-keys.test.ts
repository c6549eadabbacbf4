/** Policies of URI names, subjects and keys, and of several at once: what they let in, and what only looks like it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DerReader,
  encodeElement,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
  tags,
  toBase64,
} from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { DistinguishedName, parseNameText, readName } from '../x509/index.ts';
import {
  allOf,
  allowAnyPeer,
  anyOf,
  decide,
  describe,
  dnsName,
  type PeerIdentity,
  type PeerPolicy,
  spiffeId,
  spkiPin,
  subject,
  uri,
  uriPattern,
} from './index.ts';

const nobody: PeerIdentity = { dnsNames: [], ipAddresses: [], uris: [], spkiPin: '' };

function allows(policy: PeerPolicy, names: Partial<PeerIdentity>): boolean {
  return decide(policy, { ...nobody, ...names }).allowed;
}

const named = (text: string): Partial<PeerIdentity> => ({ subject: parseNameText(text) });

test('a URI name is compared whole, octet for octet', () => {
  const policy = uri('https://shop.test/web?x=1');
  assert.ok(allows(policy, { uris: ['urn:other', 'https://shop.test/web?x=1'] }));
  for (const other of [
    'https://shop.test/web',
    'https://shop.test/web?x=1#',
    'HTTPS://shop.test/web?x=1',
    'https://Shop.test/web?x=1',
    'https://shop.test:443/web?x=1',
    'https://shop.test/%77eb?x=1',
    'https://shop.test/a/../web?x=1',
    ' https://shop.test/web?x=1',
  ])
    assert.ok(!allows(policy, { uris: [other], dnsNames: ['https://shop.test/web?x=1'] }), other);
  for (const text of ['', 'web', '/web', 'https:', 'https://shop test/', 'https://shöp.test/', 'urn:a\0b', ':x'])
    assert.throws(() => uri(text), TypeError, text);
  for (const text of ['spiffe://a.test/web', 'SPIFFE://a.test/web'])
    assert.throws(() => uri(text), /spiffeId\(\)/, text);
});

test('a pattern of URIs stands for whole segments under a scheme and authority that are spelled out', () => {
  const one = uriPattern('https://shop.test/ns/*/web');
  assert.ok(allows(one, { uris: ['urn:x', 'https://shop.test/ns/eu-1/web'] }));
  for (const path of [
    'ns/web',
    'ns//web',
    'ns/a/b/web',
    'ns/a/web/',
    'ns/a/webb',
    'ns/./web',
    'ns/../web',
    'ns/%2e%2e/web',
    'ns/a%2fb/web',
    'ns/a?/web',
    'ns/a#/web',
    'ns/a\\b/web',
    'NS/a/web',
  ])
    assert.ok(!allows(one, { uris: [`https://shop.test/${path}`] }), path);
  for (const begins of ['http://shop.test', 'https://shop.test.evil', 'https://shop.test@evil', 'https://shop.test:1'])
    assert.ok(!allows(one, { uris: [`${begins}/ns/a/web`] }), begins);
  const rest = uriPattern('https://shop.test/ns/**');
  assert.ok(allows(rest, { uris: ['https://shop.test/ns/a'] }));
  assert.ok(allows(rest, { uris: ['https://shop.test/ns/a/b/c'] }));
  for (const path of ['ns', 'ns/', 'nsx/a', 'ns/a/../../admin', 'ns/a//b', 'ns/a/b?c', 'ns/a/%2e%2e'])
    assert.ok(!allows(rest, { uris: [`https://shop.test/${path}`] }), path);
  for (const pattern of [
    'https://*/web',
    '*://shop.test/web',
    'https://*.shop.test/web',
    'https://shop.test',
    'https://shop.test/',
    'urn:x:*',
    'https://shop.test/**/web',
    'https://shop.test/w*b',
    'https://shop.test/***',
    'https://shop.test/a//b',
    'https://shop.test/../web',
    'https://shop.test/web?*',
    'https://shop.test/[a-z]',
    'https://shop.test/%zz',
  ])
    assert.throws(() => uriPattern(pattern), TypeError, pattern);
  assert.throws(() => uriPattern('spiffe://a.test/*'), /spiffeIdPattern\(\)/);
});

test('a subject is compared as a name, never as text', () => {
  const policy = subject('CN=Web Shop,O=Example');
  assert.ok(allows(policy, named('CN=Web Shop,O=Example')));
  assert.ok(allows(policy, named('CN=web  shop,O=EXAMPLE')), 'letter case and spaces make no difference');
  assert.ok(allows(subject(parseNameText('CN=Web Shop,O=Example')), named('CN=Web Shop,O=Example')));
  for (const other of [
    'O=Example,CN=Web Shop',
    'CN=Web Shop+O=Example',
    'CN=Web Shop',
    'CN=Web Shop,O=Example,C=DE',
    'CN=Web Shop,CN=Mallory,O=Example',
    'CN=Web Shop\\,O\\=Example',
    'O=Web Shop,CN=Example',
    'CN=Web Shop,O=Example Ltd',
    'CN=WebShop,O=Example',
    'CN=Web Shop\\00,O=Example',
    'CN=Web\\E2\\80\\8B Shop,O=Example',
    'CN=Web Sh\\C2\\ADop,O=Example',
    '',
  ])
    assert.ok(!allows(policy, named(other)), other);
  assert.ok(!allows(policy, { dnsNames: ['CN=Web Shop,O=Example'], uris: ['CN=Web Shop,O=Example'] }));
  for (const text of ['', 'CN=Web\\00']) assert.throws(() => subject(text), TypeError, text);
  assert.throws(
    () => subject('CN=Web Shop, O=Example'),
    (error) => isRefusal(error) && error.code === 'CS-X509-004',
  );
});

test('a subject is the same in another kind of string, and stays what it was when its octets are changed', () => {
  const raw = (value: Uint8Array): Uint8Array =>
    encodeSequence(encodeSetOf([encodeSequence(encodeOid('2.5.4.3'), value)]));
  const given = raw(encodeUtf8String('web'));
  const policy = subject(new DistinguishedName(given, []));
  given[given.length - 1] = 'x'.charCodeAt(0);
  assert.ok(
    allows(policy, { subject: subjectOf(raw(encodeElement(tags.printableString, Uint8Array.of(0x57, 0x45, 0x42)))) }),
  );
  assert.ok(!allows(policy, { subject: subjectOf(given) }));
});

function subjectOf(raw: Uint8Array): DistinguishedName {
  return readName(DerReader.over(raw));
}

test('a pin is the hash of a key in base64 or hex, and nothing else', () => {
  const octets = Uint8Array.from({ length: 32 }, (_, index) => 200 + index);
  const hex = Buffer.from(octets).toString('hex');
  for (const text of [hex, hex.toUpperCase(), toBase64(octets)]) {
    assert.ok(allows(spkiPin(text), { spkiPin: hex }), text);
    assert.ok(!allows(spkiPin(text), { spkiPin: hex.replace('c8', 'c9') }), text);
  }
  for (const text of [
    '',
    hex.slice(2),
    `${hex}00`,
    `sha256/${toBase64(octets)}`,
    toBase64(octets.slice(1)),
    'x'.repeat(44),
  ])
    assert.throws(() => spkiPin(text), TypeError, text);
});

test('all of several, and several of several', () => {
  const pin = 'ab'.repeat(32);
  const both = allOf(dnsName('web.internal'), spkiPin(pin));
  assert.ok(allows(both, { dnsNames: ['web.internal'], spkiPin: pin }));
  assert.ok(!allows(both, { dnsNames: ['web.internal'] }));
  assert.ok(!allows(both, { spkiPin: pin }));
  assert.throws(() => allOf(), TypeError);
  assert.ok(allows(allOf(allowAnyPeer()), {}));
  const mixed = anyOf(
    spiffeId('spiffe://a.test/web'),
    allOf(subject('CN=a'), anyOf(uri('urn:x:a'), uriPattern('https://a/b/**'))),
  );
  assert.equal(describe(mixed), 'spiffe://a.test/web or (subject CN=a and (urn:x:a or https://a/b/**))');
  assert.ok(allows(mixed, { ...named('CN=A'), uris: ['https://a/b/c'] }));
  assert.ok(!allows(mixed, named('CN=a')));
  assert.equal(describe(both), `web.internal and key ${pin}`);
});

test('what is no text is no policy', () => {
  const nothing: unknown[] = [undefined, null, 7, {}, ['urn:x:a']];
  for (const value of nothing) {
    // @ts-expect-error -- a URI is text
    assert.throws(() => uri(value), TypeError);
    // @ts-expect-error -- a pattern is text
    assert.throws(() => uriPattern(value), TypeError);
    // @ts-expect-error -- a pin is text
    assert.throws(() => spkiPin(value), TypeError);
    // @ts-expect-error -- a subject is text, or a name that was read
    assert.throws(() => subject(value), TypeError);
  }
  // @ts-expect-error -- policies are composed of policies alone
  assert.throws(() => allOf('spiffe://a.test/web'), TypeError);
});
