import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeNamedBits, encodeOid, encodeSequence, fromHex, toHex } from '../../../ground/encoding/index.ts';
import { extensionExamples } from '../../../../../../tests/fixtures/extension-examples.ts';
import { bytesOf, extensionOf } from '../../../../../../tests/fixtures/extension-values.ts';
import {
  basicConstraintsExtension,
  certificatePoliciesExtension,
  describeExtension,
  extendedKeyUsageExtension,
  extendedKeyUsages,
  extensionOids,
  inhibitAnyPolicyExtension,
  keyUsageExtension,
  nameConstraintsExtension,
  parseNameText,
  policyConstraintsExtension,
  policyMappingsExtension,
  precertificatePoisonExtension,
  subjectAltNameExtension,
  subjectKeyIdentifierExtension,
} from '../index.ts';

const described = (der: Uint8Array): unknown => {
  const { value, malformed } = describeExtension(extensionOf(der));
  assert.equal(malformed, undefined);
  return value;
};

for (const [name, { openssl, ours, described: expected, text }] of Object.entries(extensionExamples)) {
  test(`${name} is described from OpenSSL's octets`, () => {
    const { oid, critical, value } = extensionOf(ours);
    assert.equal(critical, false);
    assert.deepEqual(JSON.parse(JSON.stringify(describeExtension({ oid, critical, value: fromHex(openssl)! }))), {
      name,
      oid,
      critical,
      value: expected,
    });
    // OpenSSL writes the organization of a notice as VisibleString, we as RFC 5280 wants it, UTF8String.
    if (name !== 'certificatePolicies') assert.equal(toHex(value), openssl, 'our encoder writes the same');
    assert.deepEqual(described(ours), expected);
    assert.ok(text === undefined || text.length > 0);
  });
}

test('extensions that path validation needs are described, too', () => {
  const directory = parseNameText('O=Example');
  assert.deepEqual(described(keyUsageExtension(['digitalSignature', 'keyCertSign'])), [
    'digitalSignature',
    'keyCertSign',
  ]);
  assert.deepEqual(described(basicConstraintsExtension({ ca: true, pathLength: 0 })), { ca: true, pathLength: 0 });
  assert.deepEqual(described(extendedKeyUsageExtension([extendedKeyUsages.clientAuth, '1.2.3'])), [
    { name: 'clientAuth', oid: extendedKeyUsages.clientAuth },
    { oid: '1.2.3' },
  ]);
  assert.deepEqual(
    described(nameConstraintsExtension({ permitted: { ip: ['10.0.0.0/8', '2001:db8::/33'], directory: [directory] } })),
    { permitted: { ip: ['10.0.0.0/8', '2001:db8::/33'], directory: ['O=Example'] }, excluded: {} },
  );
  assert.deepEqual(
    described(policyMappingsExtension([{ issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.4' }])),
    [{ issuerDomainPolicy: '1.2.3', subjectDomainPolicy: '1.2.4' }],
  );
  assert.deepEqual(described(policyConstraintsExtension({ requireExplicitPolicy: 2 })), { requireExplicitPolicy: 2 });
  assert.equal(described(inhibitAnyPolicyExtension(3)), 3);
  assert.equal(described(subjectKeyIdentifierExtension(Uint8Array.of(0xab, 1))), 'ab01');
  assert.equal(described(precertificatePoisonExtension()), true);
});

test('an authority key identifier is told with its issuer and serial number', () => {
  const value = bytesOf('30 1a 80 02 abcd a1 11 a4 0f 30 0d 31 0b 30 09 06 03 550403 0c 02 4341 82 01 2a');
  const extension = { oid: extensionOids.authorityKeyIdentifier, critical: false, value };
  assert.deepEqual(describeExtension(extension).value, {
    keyIdentifier: 'abcd',
    issuer: { directory: ['CN=CA'] },
    serialNumber: '2A',
  });
});

test('names of all kinds are told', () => {
  const otherName = { type: '1.3.6.1.4.1.311.20.2.3', value: bytesOf('0c 03 614062') };
  const names = {
    dns: ['a'],
    ip: ['::1'],
    email: ['a@b'],
    uri: ['a:b'],
    registeredId: ['1.2.3'],
    otherName: [otherName],
  };
  assert.deepEqual(described(subjectAltNameExtension({ ...names, directory: [parseNameText('CN=a')] }, true)), {
    ...names,
    directory: ['CN=a'],
    otherName: [{ type: otherName.type, value: '0c03614062', text: 'a@b' }],
  });
});

test('what is unknown or broken is shown as octets', () => {
  const unknown = { oid: '1.2.3', critical: true, value: bytesOf('30 80') };
  assert.deepEqual(describeExtension(unknown), { name: undefined, oid: '1.2.3', critical: true, value: '3080' });
  const broken = { oid: extensionOids.keyUsage, critical: true, value: encodeNamedBits([9]) };
  assert.deepEqual(describeExtension(broken), {
    name: 'keyUsage',
    oid: extensionOids.keyUsage,
    critical: true,
    value: toHex(broken.value),
    malformed: 'CS-DER-001 malformed DER (offset 0, rule keyUsage with a bit that is not defined)',
  });
});

test('a broken qualifier hides neither its policy nor its neighbours', () => {
  const qualifiers = [
    { type: '1.3.6.1.5.5.7.2.1', value: encodeSequence() },
    { type: '1.2.3', value: encodeOid('1.2.3') },
  ];
  assert.deepEqual(described(certificatePoliciesExtension([{ policy: '1.2.3', qualifiers }])), [
    {
      policy: '1.2.3',
      qualifiers: [
        {
          type: 'malformed',
          oid: '1.3.6.1.5.5.7.2.1',
          value: '3000',
          malformed: 'CS-DER-001 malformed DER (offset 0, rule IA5String is missing)',
        },
        { type: 'other', oid: '1.2.3', value: '06022a03' },
      ],
    },
  ]);
});
