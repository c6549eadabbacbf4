import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../ground/encoding/index.ts';
import {
  basicConstraintsExtension,
  certificatePoliciesExtension,
  encodeCertificationRequestInfo,
  encodeSigned,
  encodeTbsCertificate,
  extendedKeyUsageExtension,
  inhibitAnyPolicyExtension,
  type KeyUsage,
  keyUsageExtension,
  nameConstraintsExtension,
  noNames,
  parseCertificate,
  parseCertificationRequest,
  parseNameText,
  policyConstraintsExtension,
  policyMappingsExtension,
  subjectAltNameExtension,
  verifyCertificationRequest,
} from './index.ts';
import { generatePrivateKey, verifySignature } from '../../../../../tests/fixtures/certificates.ts';

const keys = (['P-256', 'P-384', 'P-521', 'Ed25519', 'RSA'] as const).map(generatePrivateKey);

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
const domain = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const ipv4 = fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'));
const oid = fc.array(fc.nat(2 ** 31), { minLength: 1, maxLength: 5 }).map((arcs) => ['1.3', ...arcs].join('.'));
const oids = fc.uniqueArray(oid, { minLength: 1, maxLength: 4 });
const text = fc.stringMatching(/^[A-Za-zäöü0-9 .,+=<>#;"\\]{1,20}$/).filter((one) => one.trim() !== '');
const name = fc
  .tuple(text, text)
  .map(([commonName, organization]) =>
    [commonName, organization].map((one) => one.replace(/[",+;<>\\=]|^[ #]| $/g, '_')),
  )
  .map(([commonName, organization]) => parseNameText(`CN=${commonName ?? ''},O=${organization ?? ''}`));
const names = fc.record({
  dns: fc.array(domain, { minLength: 1, maxLength: 3 }),
  uri: fc.array(
    domain.map((host) => `spiffe://${host}/a`),
    { maxLength: 2 },
  ),
  ip: fc.array(ipv4, { maxLength: 2 }),
  email: fc.array(
    domain.map((host) => `me@${host}`),
    { maxLength: 2 },
  ),
});
const usages = fc.uniqueArray(
  fc.constantFrom<KeyUsage>('digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign', 'decipherOnly'),
  { minLength: 1 },
);
// To the second, from 1950 to 9999.
const time = fc.integer({ min: -631_152_000, max: 253_402_300_799 }).map((seconds) => seconds * 1000);

test('what was written of a certificate is read again', () => {
  fc.assert(
    fc.property(
      fc.record({
        key: fc.constantFrom(...keys),
        serial: fc.uint8Array({ minLength: 1, maxLength: 19 }).filter((octets) => octets.some((octet) => octet !== 0)),
        issuer: name,
        subject: name,
        times: fc.tuple(time, time).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
        names,
        usages,
        purposes: oids,
        policies: oids,
        depth: fc.option(fc.nat(5), { nil: undefined }),
        counts: fc.tuple(fc.nat(5), fc.nat(300), fc.nat(70_000)),
      }),
      (fields) => {
        const { key, times, depth, counts } = fields;
        const [first = '1.3.1'] = fields.policies;
        const constraints = { permitted: { dns: fields.names.dns }, excluded: { ip: ['10.0.0.0/8'] } };
        const toBeSigned = encodeTbsCertificate({
          serialNumber: fields.serial,
          signatureAlgorithm: key.signatureAlgorithm,
          issuer: fields.issuer.raw,
          subject: fields.subject.raw,
          notBefore: times[0],
          notAfter: times[1],
          publicKey: key.publicKey.raw,
          extensions: [
            basicConstraintsExtension({ ca: true, ...(depth === undefined ? {} : { pathLength: depth }) }),
            keyUsageExtension(fields.usages),
            extendedKeyUsageExtension(fields.purposes),
            subjectAltNameExtension(fields.names, false),
            nameConstraintsExtension(constraints),
            certificatePoliciesExtension(fields.policies),
            policyMappingsExtension([{ issuerDomainPolicy: first, subjectDomainPolicy: '1.2.3' }]),
            policyConstraintsExtension({ requireExplicitPolicy: counts[0], inhibitPolicyMapping: counts[1] }),
            inhibitAnyPolicyExtension(counts[2]),
          ],
        });
        const der = encodeSigned(toBeSigned, key.signatureAlgorithm, key.sign(toBeSigned));
        const read = parseCertificate(der);
        assert.deepEqual(read.tbs, toBeSigned);
        assert.equal(BigInt(`0x${read.serialNumber}`), BigInt(`0x${toHex(fields.serial)}`));
        assert.deepEqual([read.issuer.text, read.subject.text], [fields.issuer.text, fields.subject.text]);
        assert.deepEqual([read.notBefore, read.notAfter], times);
        assert.deepEqual(read.publicKey, key.publicKey);
        assert.equal(read.signatureAlgorithm, key.signatureAlgorithm);
        assert.deepEqual(read.subjectAltName, { ...noNames, ...fields.names });
        assert.deepEqual(new Set(read.keyUsage), new Set(fields.usages));
        assert.deepEqual(read.extendedKeyUsage, fields.purposes);
        assert.equal(read.basicConstraints?.pathLength, depth);
        assert.deepEqual(
          read.certificatePolicies?.map(({ policy }) => policy),
          fields.policies,
        );
        assert.deepEqual(read.policyMappings, [{ issuerDomainPolicy: first, subjectDomainPolicy: '1.2.3' }]);
        assert.deepEqual(read.policyConstraints, { requireExplicitPolicy: counts[0], inhibitPolicyMapping: counts[1] });
        assert.equal(read.inhibitAnyPolicy, counts[2]);
        assert.deepEqual(read.nameConstraints?.permitted.dns, fields.names.dns);
        assert.deepEqual(read.nameConstraints.excluded.ip, [Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0)]);
        assert.ok(verifySignature(read.publicKey, key.signatureAlgorithm, read.tbs, read.signature));
      },
    ),
  );
});

test('what was written of a request is read again, and proves its key', () => {
  fc.assert(
    fc.property(fc.constantFrom(...keys), name, names, oids, (key, subject, asked, purposes) => {
      const info = encodeCertificationRequestInfo({
        subject: subject.raw,
        publicKey: key.publicKey.raw,
        subjectAltName: asked,
        extensions: [extendedKeyUsageExtension(purposes)],
      });
      const request = parseCertificationRequest(encodeSigned(info, key.signatureAlgorithm, key.sign(info)));
      verifyCertificationRequest(request, verifySignature);
      assert.equal(request.subject.text, subject.text);
      assert.deepEqual(request.subjectAltName, { ...noNames, ...asked });
      assert.equal(request.extensions.length, 2);
      assert.deepEqual(request.publicKey, key.publicKey);
    }),
    { numRuns: 50 },
  );
});
