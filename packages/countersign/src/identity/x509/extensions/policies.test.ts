import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DerReader,
  encodeElement,
  encodeImplicit,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeUtf8String,
} from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { type Extension, extensionOids as oids, readExtensions } from '../extensions.ts';
import { decodeKnownExtensions, type KnownExtensions } from '../known-extensions.ts';
import {
  anyPolicy,
  certificatePoliciesExtension,
  inhibitAnyPolicyExtension,
  policyConstraintsExtension,
  policyMappingsExtension,
} from './policies.ts';

const one = (der: Uint8Array): Extension => readExtensions(DerReader.over(der))[0] ?? assert.fail();
const known = (...extensions: Extension[]): KnownExtensions => decodeKnownExtensions(extensions);
const valueOf = (oid: string, value: Uint8Array): KnownExtensions => known({ oid, critical: false, value });

function refused(oid: string, value: Uint8Array, code: string, rule: RegExp = /./): void {
  assert.throws(
    () => valueOf(oid, value),
    (error) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, rule);
      return true;
    },
  );
}

const [a, b] = ['1.2.3', '1.2.4'] as const;

test('each comes back from its encoding, with the criticality that it must have', () => {
  const qualifier = { type: '1.3.6.1.5.5.7.2.1', value: encodeUtf8String('x') };
  const policies = one(certificatePoliciesExtension([a, { policy: anyPolicy, qualifiers: [qualifier] }]));
  assert.equal(policies.critical, false);
  assert.deepEqual(known(policies).certificatePolicies, [
    { policy: a, qualifiers: [] },
    { policy: anyPolicy, qualifiers: [qualifier] },
  ]);
  const pairs = [
    { issuerDomainPolicy: a, subjectDomainPolicy: b },
    { issuerDomainPolicy: a, subjectDomainPolicy: anyPolicy },
  ];
  const mappings = one(policyMappingsExtension(pairs));
  assert.equal(mappings.critical, true);
  assert.deepEqual(known(mappings).policyMappings, pairs);
  for (const constraints of [
    { requireExplicitPolicy: 0 },
    { inhibitPolicyMapping: 300 },
    { requireExplicitPolicy: 5, inhibitPolicyMapping: 0 },
  ]) {
    const extension = one(policyConstraintsExtension(constraints));
    assert.equal(extension.critical, true);
    assert.deepEqual(known(extension).policyConstraints, constraints);
  }
  for (const skip of [0, 1, 200]) {
    const extension = one(inhibitAnyPolicyExtension(skip));
    assert.equal(extension.critical, true);
    assert.equal(known(extension).inhibitAnyPolicy, skip);
  }
});

test('absent, each is undefined', () => {
  const { certificatePolicies, policyMappings, policyConstraints, inhibitAnyPolicy, nameConstraints } = known();
  assert.deepEqual(
    [certificatePolicies, policyMappings, policyConstraints, inhibitAnyPolicy, nameConstraints],
    Array<undefined>(5).fill(undefined),
  );
});

const oid = encodeOid(a);

test('certificatePolicies: at least one, each once, qualifiers where there are any', () => {
  const policies = oids.certificatePolicies;
  refused(policies, encodeSequence(), 'CS-DER-001', /certificatePolicies is empty/);
  refused(
    policies,
    encodeSequence(encodeSequence(oid), encodeSequence(oid)),
    'CS-X509-001',
    /policy 1.2.3 appears twice/,
  );
  refused(policies, encodeSequence(encodeSequence(oid, encodeSequence())), 'CS-DER-001', /policyQualifiers is empty/);
  const qualifiers = encodeSequence(encodeSequence(oid, encodeInteger(1)));
  assert.equal(valueOf(policies, encodeSequence(encodeSequence(oid, qualifiers))).certificatePolicies?.length, 1);
  refused(policies, encodeSequence(encodeSequence(oid, qualifiers, qualifiers)), 'CS-DER-001');
  const long = encodeSequence(encodeSequence(oid, encodeInteger(1), encodeInteger(1)));
  refused(policies, encodeSequence(encodeSequence(oid, long)), 'CS-DER-001');
  refused(policies, encodeSequence(encodeSequence(encodeInteger(1))), 'CS-DER-001');
});

test('policyMappings: at least one, of two policies each', () => {
  refused(oids.policyMappings, encodeSequence(), 'CS-DER-001', /policyMappings is empty/);
  refused(oids.policyMappings, encodeSequence(encodeSequence(oid)), 'CS-DER-001');
  refused(oids.policyMappings, encodeSequence(encodeSequence(oid, oid, oid)), 'CS-DER-001');
});

test('policyConstraints: one or both, in their order, each a count', () => {
  const [require, inhibit] = [encodeImplicit(0, Uint8Array.of(0)), encodeImplicit(1, Uint8Array.of(1))];
  assert.deepEqual(valueOf(oids.policyConstraints, encodeSequence(require, inhibit)).policyConstraints, {
    requireExplicitPolicy: 0,
    inhibitPolicyMapping: 1,
  });
  refused(oids.policyConstraints, encodeSequence(), 'CS-X509-001', /policyConstraints without any/);
  refused(oids.policyConstraints, encodeSequence(inhibit, require), 'CS-DER-001');
  refused(oids.policyConstraints, encodeSequence(require, require), 'CS-DER-001');
  refused(oids.policyConstraints, encodeSequence(require, inhibit, encodeImplicit(2, Uint8Array.of(1))), 'CS-DER-001');
  refused(oids.policyConstraints, encodeSequence(encodeImplicit(0, Uint8Array.of(0xff))), 'CS-DER-001', /negative/);
  refused(oids.policyConstraints, encodeSequence(encodeImplicit(0, new Uint8Array())), 'CS-DER-001');
});

test('inhibitAnyPolicy is a count', () => {
  refused(oids.inhibitAnyPolicy, encodeElement(2, Uint8Array.of(0xff)), 'CS-DER-001', /negative/);
  refused(oids.inhibitAnyPolicy, encodeSequence(), 'CS-DER-001');
});

test('nothing may follow the value of an extension, and one that informs alone must decode, too', () => {
  const more = Uint8Array.of(5, 0);
  for (const der of [
    certificatePoliciesExtension([a]),
    policyMappingsExtension([{ issuerDomainPolicy: a, subjectDomainPolicy: b }]),
    policyConstraintsExtension({ requireExplicitPolicy: 0 }),
    inhibitAnyPolicyExtension(0),
  ]) {
    const { oid: of, value } = one(der);
    refused(of, Uint8Array.of(...value, ...more), 'CS-DER-001');
  }
  refused(oids.ocspNoCheck, Uint8Array.of(5, 1, 0), 'CS-DER-001');
  refused(oids.authorityInfoAccess, encodeSequence(), 'CS-DER-001');
  valueOf('1.2.3.4', Uint8Array.of(0xff));
});

test('authorityKeyIdentifier: the key, and the certificate where it is named', () => {
  const uri = encodeElement(0xa1, encodeImplicit(6, new TextEncoder().encode('x:y')));
  const serial = encodeImplicit(2, Uint8Array.of(7));
  const found = valueOf(
    oids.authorityKeyIdentifier,
    encodeSequence(encodeImplicit(0, Uint8Array.of(0xab)), uri, serial),
  );
  assert.equal(found.authorityKeyIdentifier, 'ab');
  assert.deepEqual([found.authorityCertificate?.serialNumber, found.authorityCertificate?.issuer.uri], ['07', ['x:y']]);
  for (const alone of [uri, serial])
    refused(oids.authorityKeyIdentifier, encodeSequence(alone), 'CS-X509-001', /alone/);
});
