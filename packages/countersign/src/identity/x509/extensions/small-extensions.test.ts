/** The extensions that fit into a few lines: what each refuses, and that it comes back as it was written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { DerReader } from '../../../ground/encoding/index.ts';
import { extensionOf, readWhole, refusesValue } from '../../../../../../tests/fixtures/extension-values.ts';
import {
  certificateTemplateExtension,
  issuerAltNameExtension,
  netscapeCommentExtension,
  organizationIdentifierExtension,
  privateKeyUsagePeriodExtension,
  subjectDirectoryAttributesExtension,
  tlsFeatureExtension,
} from '../index.ts';
import { readCertificateTemplate } from './certificate-template.ts';
import { readIssuerAltName } from './issuer-alt-name.ts';
import { readNetscapeComment } from './netscape-comment.ts';
import { readOrganizationIdentifier } from './organization-identifier.ts';
import { readPrivateKeyUsagePeriod } from './private-key-usage-period.ts';
import { readSubjectDirectoryAttributes } from './subject-directory-attributes.ts';
import { readTlsFeature } from './tls-feature.ts';

function comesBack<T>(values: fc.Arbitrary<T>, encode: (value: T) => Uint8Array, read: (reader: DerReader) => T): void {
  fc.assert(
    fc.property(values, (value) => {
      assert.deepEqual(readWhole(extensionOf(encode(value)).value, read), value);
    }),
  );
}

const plain = { noNullPrototype: true } as const;
const letters = (count: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from('ABCXYZ')), minLength: count, maxLength: count });

test('tlsFeature: numbers of TLS extensions', () => {
  refusesValue('30 03 02 01 ff', readTlsFeature, 'INTEGER is negative', 2);
  refusesValue('30 05 02 03 01 00 00', readTlsFeature, 'a TLS extension number above 65535', 2);
  refusesValue('30 02 05 00', readTlsFeature, 'element 0x02 expected, 0x05 found', 2);
  refusesValue('31 03 02 01 05', readTlsFeature, 'element 0x30 expected, 0x31 found', 0);
  comesBack(fc.array(fc.integer({ min: 0, max: 0xffff })), (features) => tlsFeatureExtension(features), readTlsFeature);
});

test('privateKeyUsagePeriod: at least one time, to the second', () => {
  const early = '32303236303130313030303030305a';
  refusesValue('30 00', readPrivateKeyUsagePeriod, 'privateKeyUsagePeriod without a time (RFC 3280, 4.2.1.4)');
  refusesValue(`30 22 81 0f ${early} 80 0f ${early}`, readPrivateKeyUsagePeriod, 'bytes after the last element', 19);
  const form = 'time not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ';
  refusesValue('30 0f 80 0d 3236303130313030303030305a', readPrivateKeyUsagePeriod, form, 2);
  refusesValue('30 11 80 0f 32303236313330313030303030305a', readPrivateKeyUsagePeriod, 'time that no calendar has', 2);
  refusesValue(`30 11 18 0f ${early}`, readPrivateKeyUsagePeriod, 'bytes after the last element', 2);
  const second = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 }).map((value) => value * 1000);
  const period = fc.record({ notBefore: second, notAfter: second }, { ...plain, requiredKeys: ['notAfter'] });
  comesBack(period, privateKeyUsagePeriodExtension, readPrivateKeyUsagePeriod);
  assert.throws(() => privateKeyUsagePeriodExtension({}), TypeError);
});

test('subjectDirectoryAttributes: types with values, in order', () => {
  const read = readSubjectDirectoryAttributes;
  refusesValue('30 00', read, 'subjectDirectoryAttributes is empty', 2);
  refusesValue('30 08 30 06 06 02 2a 03 31 00', read, 'an attribute without values', 10);
  refusesValue('30 0c 30 0a 06 02 2a 03 31 04 05 00 05 00', read, 'SET OF out of order', 14);
  refusesValue('30 0c 30 0a 06 02 2a 03 31 02 05 00 05 00', read, 'bytes after the last element', 12);
  const values = fc.uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 4 });
  const attribute = values.map((list) => ({
    type: '1.2.3',
    values: list.toSorted((a, b) => a - b).map((value) => Uint8Array.of(4, 1, value)),
  }));
  comesBack(fc.array(attribute, { minLength: 1, maxLength: 3 }), subjectDirectoryAttributesExtension, read);
});

test('cabfOrganizationIdentifier: scheme, country, perhaps a state, and a number', () => {
  const read = readOrganizationIdentifier;
  refusesValue('30 0a 13 02 4e54 13 02 5553 0c 00', read, 'a text of other than 3 characters', 2);
  refusesValue('30 0b 13 03 4e5452 13 02 5553 0c 00', read, 'a text without characters', 11);
  refusesValue('30 0c 13 03 4e5452 0c 02 5553 0c 01 31', read, 'PrintableString is missing', 7);
  refusesValue('30 0c 13 03 4e5452 13 02 5553 13 01 31', read, 'UTF8String is missing', 11);
  const state = '30 0f 13 03 4e5452 13 02 5553 80 01 40 0c 01 31';
  refusesValue(state, read, 'PrintableString with a character outside its set', 11);
  const identifier = fc.record(
    {
      scheme: letters(3),
      country: letters(2),
      stateOrProvince: fc.nat({ max: 128 }).chain(letters),
      reference: fc.string({ unit: 'grapheme', minLength: 1 }),
    },
    { ...plain, requiredKeys: ['scheme', 'country', 'reference'] },
  );
  comesBack(identifier, organizationIdentifierExtension, read);
});

test('a certificate template: its identifier, and versions', () => {
  const read = readCertificateTemplate;
  refusesValue('30 00', read, 'element 0x06 is missing', 2);
  refusesValue('30 07 06 02 2a 03 02 01 ff', read, 'INTEGER is negative', 6);
  refusesValue('30 0b 06 02 2a 03 02 05 01 00 00 00 00', read, 'a version above 32 bits', 6);
  refusesValue('30 0d 06 02 2a 03 02 01 01 02 01 01 02 01 01', read, 'bytes after the last element', 12);
  const version = fc.integer({ min: 0, max: 0xffff_ffff });
  const template = fc.record(
    { template: fc.constant('1.3.6.1.4.1.311.21.8.1'), majorVersion: version, minorVersion: version },
    { ...plain, requiredKeys: ['template', 'majorVersion'] },
  );
  comesBack(template, certificateTemplateExtension, read);
  comesBack(fc.constant({ template: '1.2.3' }), certificateTemplateExtension, read);
  assert.throws(() => certificateTemplateExtension({ template: '1.2.3', minorVersion: 1 }), TypeError);
});

test('a comment is ASCII', () => {
  refusesValue('16 01 80', readNetscapeComment, 'IA5String with an octet above 0x7F', 0);
  refusesValue('0c 01 61', readNetscapeComment, 'element 0x16 expected, 0x0c found', 0);
  comesBack(fc.string({ unit: 'grapheme-ascii' }), netscapeCommentExtension, readNetscapeComment);
  assert.throws(() => netscapeCommentExtension('é'), TypeError);
});

test("issuerAltName has the form of the subject's", () => {
  refusesValue('30 00', readIssuerAltName, 'GeneralNames is empty', 2);
  refusesValue('30 02 05 00', readIssuerAltName, 'a GeneralName of no known kind', 2);
  const { critical, value } = extensionOf(issuerAltNameExtension({ dns: ['ca.test'] }, true));
  assert.equal(critical, true);
  assert.deepEqual(readWhole(value, readIssuerAltName).dns, ['ca.test']);
});
