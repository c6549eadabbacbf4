import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extensionOf, refusesValue } from '../../../../../../tests/fixtures/extension-values.ts';
import {
  accessMethods,
  authorityInfoAccessExtension,
  crlDistributionPointsExtension,
  type Extension,
  freshestCrlExtension,
  noRevAvailConflict,
  noRevAvailExtension,
  ocspNoCheckExtension,
  precertificatePoisonExtension,
} from '../index.ts';
import { readMarker } from './markers.ts';

const marker = extensionOf(noRevAvailExtension());
const points = [{ fullName: { uri: ['http://crl.test/'] } }];
const access = (method: string): Extension =>
  extensionOf(authorityInfoAccessExtension([{ method, location: { uri: ['http://a.test/'] } }]));

const conflict = (...extensions: Extension[]): string | undefined =>
  noRevAvailConflict({ extensions, basicConstraints: undefined });

test('a certificate without revocation says nowhere where revocation is found', () => {
  const rules: readonly (readonly [Extension, string])[] = [
    [extensionOf(crlDistributionPointsExtension(points)), 'noRevAvail beside crlDistributionPoints (RFC 9608, 3)'],
    [extensionOf(freshestCrlExtension(points)), 'noRevAvail beside freshestCRL (RFC 9608, 3)'],
    [access(accessMethods.ocsp), 'noRevAvail beside an OCSP responder in authorityInfoAccess (RFC 9608, 3)'],
  ];
  for (const [extension, rule] of rules) {
    assert.equal(conflict(extension), undefined);
    assert.equal(conflict(extension, marker), rule);
  }
  assert.equal(conflict(marker, access(accessMethods.caIssuers)), undefined);
  assert.equal(conflict(marker), undefined);
  assert.equal(conflict({ ...marker, critical: true }), 'a critical noRevAvail (RFC 9608, 2)');
});

test('an authority cannot go without revocation', () => {
  const of = (ca: boolean): string | undefined =>
    noRevAvailConflict({ extensions: [marker], basicConstraints: { ca } });
  assert.equal(of(true), "noRevAvail on an authority's certificate (RFC 9608, 2)");
  assert.equal(of(false), undefined);
});

test('a marker is NULL and nothing else', () => {
  refusesValue('05 01 00', readMarker, 'NULL with contents', 0);
  refusesValue('', readMarker, 'element 0x05 is missing', 0);
  refusesValue('05 00 05 00', readMarker, 'bytes after the last element', 2);
  refusesValue('01 01 ff', readMarker, 'element 0x05 expected, 0x01 found', 0);
  assert.equal(extensionOf(precertificatePoisonExtension()).critical, true);
  for (const encode of [noRevAvailExtension, ocspNoCheckExtension]) assert.equal(extensionOf(encode()).critical, false);
});
