import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DerReader } from '../../../ground/encoding/index.ts';
import { makeRoot, makeService } from '../../../../../../tests/fixtures/certificates.ts';
import { question, refuses } from '../../../../../../tests/fixtures/paths.ts';
import type { Certificate } from '../certificate.ts';
import { decodeKnownExtensions } from '../known-extensions.ts';
import { readExtensions } from '../extensions.ts';
import type { WritableNames } from '../general-names.ts';
import { type PathProfile, subjectAltNameExtension, validatePath } from '../index.ts';
import { carriesPeerName, type PeerName, peerNameOf, type WildcardsAllowed } from './peer-name.ts';

const root = makeRoot();
const base = makeService(root, { subject: 'common.test' }).certificate;
const always: WildcardsAllowed = () => true;
const never: WildcardsAllowed = () => false;

function withNames(names: WritableNames): Certificate {
  const { subjectAltName } = decodeKnownExtensions(
    readExtensions(DerReader.over(subjectAltNameExtension(names, true))),
  );
  return { ...base, subjectAltName };
}

/** What of `values` a certificate with these names carries. */
function carried(
  kind: PeerName['kind'],
  names: WritableNames,
  values: readonly string[],
  wildcards = always,
): string[] {
  return values.filter((value) => carriesPeerName(withNames(names), { kind, value }, wildcards));
}

test('what a text names', () => {
  const kinds: readonly (readonly [string, PeerName['kind']])[] = [
    ['web.internal', 'dns'],
    ['127.0.0.1', 'ip'],
    ['::1', 'ip'],
    ['::ffff:10.0.0.1', 'ip'],
    ['127.0.0.01', 'dns'],
    ['127.1', 'dns'],
    ['fe80::1%eth0', 'dns'],
    ['spiffe://dev/web', 'uri'],
    ['HTTPS://a', 'uri'],
    ['x+y-z.1://a@b', 'uri'],
    ['1x://a', 'dns'],
    ['urn:a:b', 'dns'],
    ['user@a.test', 'email'],
    ['mailto:user@a.test', 'email'],
    ['', 'dns'],
  ];
  for (const [value, kind] of kinds) assert.deepEqual(peerNameOf(value), { kind, value });
});

test('DNS: the whole name, in any case of ASCII', () => {
  const names = { dns: ['Web.internal', 'b.internal'] };
  assert.deepEqual(
    carried('dns', names, [
      'web.internal',
      'WEB.INTERNAL',
      'b.internal',
      'eb.internal',
      'a.web.internal',
      'internal',
      'web.internal.',
      'web.internal\0',
      'web.internal.evil',
    ]),
    ['web.internal', 'WEB.INTERNAL', 'b.internal'],
  );
  assert.deepEqual(carried('dns', { dns: ['k.internal'] }, ['\u212a.internal', 'K.internal']), ['K.internal']);
  // A name that is none is carried by nobody, not even by a certificate that holds the same text.
  for (const text of ['a..b', 'a.', '*.a', '.a']) assert.deepEqual(carried('dns', { dns: [text] }, [text]), [], text);
  assert.deepEqual(carried('dns', { dns: ['x'] }, ['']), []);
});

test('DNS: the common name is never looked at', () => {
  assert.deepEqual(carried('dns', { uri: ['x://common.test'], email: ['a@common.test'] }, ['common.test']), []);
});

test('a wildcard is the whole first label, and stands for one label', () => {
  const asked = [
    'a.example.test',
    'A.EXAMPLE.TEST',
    'example.test',
    'a.b.example.test',
    '.example.test',
    '*.example.test',
    'aexample.test',
    'xn--a.example.test',
  ];
  assert.deepEqual(carried('dns', { dns: ['*.example.test'] }, asked), [
    'a.example.test',
    'A.EXAMPLE.TEST',
    'xn--a.example.test',
  ]);
  assert.deepEqual(carried('dns', { dns: ['*.EXAMPLE.test'] }, ['a.example.test']), ['a.example.test']);
  for (const pattern of [
    '*',
    '*.',
    '*a.example.test',
    'a*.example.test',
    'w*b.example.test',
    'a.*.test',
    '*.*.test',
    '**.example.test',
    '*..example.test',
  ]) {
    assert.deepEqual(
      carried('dns', { dns: [pattern] }, [...asked, 'a.a.test', 'web.example.test', 'a', 'test', '']),
      [],
      pattern,
    );
  }
  assert.deepEqual(carried('dns', { dns: ['*.test'] }, ['a.test', 'test', 'a.b.test']), ['a.test']);
});

test('whether a wildcard counts is asked with its domain, in lower case, and for wildcards alone', () => {
  const asked: string[] = [];
  const wildcards: WildcardsAllowed = (domain) => {
    asked.push(domain);
    return domain === 'good.test';
  };
  const names = { dns: ['*.GOOD.test', '*.bad.test', 'own.bad.test'] };
  assert.deepEqual(carried('dns', names, ['a.good.test', 'a.bad.test', 'own.bad.test', 'a.other.test'], wildcards), [
    'a.good.test',
    'own.bad.test',
  ]);
  assert.deepEqual(asked, ['good.test', 'bad.test', 'bad.test']);
  assert.deepEqual(carried('dns', names, ['a.good.test', 'own.bad.test'], never), ['own.bad.test']);
});

test('addresses are compared as octets, each family by itself, and never with DNS names', () => {
  const names = { ip: ['10.0.0.1', '2001:db8::1', '::'] };
  assert.deepEqual(
    carried('ip', names, [
      '10.0.0.1',
      '2001:DB8:0:0::1',
      '2001:db8:0:0:0:0:0:1',
      '::',
      '0::0',
      '10.0.0.2',
      '10.0.0.01',
      '::ffff:10.0.0.1',
      '::10.0.0.1',
      '2001:db8::1%1',
      '',
      '167772161',
      '10.1',
    ]),
    ['10.0.0.1', '2001:DB8:0:0::1', '2001:db8:0:0:0:0:0:1', '::', '0::0'],
  );
  assert.deepEqual(carried('ip', { dns: ['10.0.0.1'], uri: ['10.0.0.1'] }, ['10.0.0.1']), []);
  assert.deepEqual(carried('dns', { ip: ['10.0.0.1'] }, ['10.0.0.1']), []);
  assert.deepEqual(carried('ip', { ip: ['::ffff:10.0.0.1'] }, ['10.0.0.1', '::ffff:a00:1']), ['::ffff:a00:1']);
});

test('URIs are compared whole', () => {
  const uri = 'spiffe://dev.internal/web';
  assert.deepEqual(
    carried('uri', { uri: [uri] }, [
      uri,
      `${uri}/`,
      'SPIFFE://dev.internal/web',
      'spiffe://DEV.internal/web',
      'spiffe://dev.internal',
      'spiffe://dev.internal/we%62',
      '',
    ]),
    [uri],
  );
  assert.deepEqual(carried('uri', { dns: ['dev.internal'] }, ['spiffe://dev.internal', 'dev.internal']), []);
});

test('mailboxes: the local part letter for letter, the host in any case (RFC 5280, 7.5)', () => {
  const asked = ['User@a.test', 'User@A.TEST', 'user@a.test', 'a.test', '@a.test', 'User', 'User@b@a.test', ''];
  assert.deepEqual(carried('email', { email: ['User@A.test'] }, asked), ['User@a.test', 'User@A.TEST']);
  assert.deepEqual(carried('email', { email: ['no-mailbox'] }, ['no-mailbox', 'NO-mailbox']), ['no-mailbox']);
  assert.deepEqual(carried('email', { email: ['x@Y@a.test'] }, ['x@y@a.test', 'x@Y@a.test']), ['x@Y@a.test']);
  assert.deepEqual(carried('email', { dns: ['User@a.test'] }, ['User@a.test']), []);
});

test('wildcards by profile: none in mutual TLS, none below a public suffix on the Web', () => {
  const holder = (dns: string): ReturnType<typeof makeService> => makeService(root, { names: { dns: [dns] } });
  const ask = (dns: string, value: string, profile?: PathProfile): unknown =>
    validatePath(
      question(holder(dns), [], root, {
        purpose: 'server',
        names: [{ kind: 'dns', value }],
        ...(profile === undefined ? {} : { profile }),
        isPublicSuffix: (domain) => domain === 'co.test',
      }),
    );
  const found = ['*.bank.test'];
  refuses(() => ask('*.bank.test', 'a.bank.test'), 'CS-PATH-010', { name: 'a.bank.test', found });
  refuses(() => ask('*.bank.test', 'a.bank.test', 'mutual-tls'), 'CS-PATH-010', { name: 'a.bank.test', found });
  for (const profile of ['rfc5280', 'rfc5280-section-6', 'webpki'] as const) ask('*.bank.test', 'a.bank.test', profile);
  for (const profile of ['rfc5280', 'rfc5280-section-6'] as const) ask('*.co.test', 'a.co.test', profile);
  refuses(() => ask('*.co.test', 'a.co.test', 'webpki'), 'CS-PATH-010', { name: 'a.co.test', found: ['*.co.test'] });
});

test('each name that is asked for must be carried', () => {
  const leaf = makeService(root, { names: { dns: ['a.test', 'b.test'], ip: ['10.0.0.1'] } });
  const ask = (...names: PeerName[]): unknown => validatePath(question(leaf, [], root, { names }));
  ask({ kind: 'dns', value: 'a.test' }, { kind: 'ip', value: '10.0.0.1' }, { kind: 'dns', value: 'b.test' });
  refuses(() => ask({ kind: 'dns', value: 'a.test' }, { kind: 'dns', value: 'c.test' }), 'CS-PATH-010', {
    name: 'c.test',
    found: ['a.test', 'b.test', '10.0.0.1'],
  });
});
