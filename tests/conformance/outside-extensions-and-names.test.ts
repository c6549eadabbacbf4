/** Certificates of the Web and of PKITS: every extension decodes and is told, and names are compared as PKITS asks (4.3). */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import { isRefusal } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  type Certificate,
  describeExtension,
  parseCertificate,
  parseNameText,
  sameName,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { vectors } from './vectors.ts';

const limbo = vectors('x509-limbo.json.gz', '8');
const pkits = vectors('pkits', '404');

interface LimboCase {
  readonly id: string;
  readonly trusted_certs: readonly string[];
  readonly untrusted_intermediates: readonly string[];
  readonly peer_certificate: string;
}

/** Every extension told, none broken; every name read again from its text. */
function requireTold(certificate: Certificate, what: string): string[] {
  for (const name of [certificate.subject, certificate.issuer]) {
    assert.equal(sameName(parseNameText(name.text), name), true, `${what}: ${name.text}`);
  }
  return certificate.extensions.map((extension) => {
    const { name, malformed, value } = describeExtension(extension);
    assert.equal(malformed, undefined, what);
    assert.doesNotMatch(JSON.stringify(value), /"malformed"/, what);
    return name ?? extension.oid;
  });
}

test('the certificates of eight web sites', { skip: limbo.skip }, () => {
  const { testcases } = JSON.parse(gunzipSync(readFileSync(limbo.path)).toString('utf8')) as { testcases: LimboCase[] };
  const online = testcases.filter(({ id }) => id.startsWith('online::'));
  assert.ok(online.length >= 8);
  const told = new Set<string>();
  for (const { id, peer_certificate, untrusted_intermediates, trusted_certs } of online) {
    for (const pem of [peer_certificate, ...untrusted_intermediates, ...trusted_certs]) {
      for (const name of requireTold(parseCertificate(parsePem(pem)[0]!.bytes), id)) told.add(name);
    }
  }
  for (const name of ['authorityInfoAccess', 'crlDistributionPoints', 'signedCertificateTimestamps']) {
    assert.ok(told.has(name), name);
  }
});

const certificatesOfPkits = pkits.skip === false ? readdirSync(join(pkits.path, 'certs')) : [];

function pkitsCertificate(name: string): Certificate {
  const file = certificatesOfPkits.find((one) => one.startsWith(`${name}.`))!;
  return parseCertificate(readFileSync(join(pkits.path, 'certs', file)));
}

test('the certificates of PKITS', { skip: pkits.skip }, () => {
  let read = 0;
  for (const file of certificatesOfPkits) {
    const der = readFileSync(join(pkits.path, 'certs', file));
    let certificate: Certificate;
    try {
      certificate = parseCertificate(der);
    } catch (error) {
      // Broken on purpose, or with what is refused elsewhere; none of it an extension that informs.
      assert.ok(isRefusal(error), file);
      assert.match(error.message, /BIT STRING|INTEGER is negative|unique identifier|signature/, file);
      continue;
    }
    requireTold(certificate, file);
    read++;
  }
  assert.ok(read >= certificatesOfPkits.length - 5);
});

/** From the authority's subject to the issuer of what it issued, whether they are the same name. */
const chained: readonly (readonly [string, string, string, boolean])[] = [
  ['4.3.1', 'GoodCACert', 'InvalidNameChainingTest1EE', false],
  ['4.3.2', 'NameOrderingCACert', 'InvalidNameChainingOrderTest2EE', false],
  ['4.3.3', 'GoodCACert', 'ValidNameChainingWhitespaceTest3EE', true],
  ['4.3.4', 'GoodCACert', 'ValidNameChainingWhitespaceTest4EE', true],
  ['4.3.5', 'GoodCACert', 'ValidNameChainingCapitalizationTest5EE', true],
  ['4.3.7', 'RFC3280MandatoryAttributeTypesCACert', 'ValidRFC3280MandatoryAttributeTypesTest7EE', true],
  ['4.3.8', 'RFC3280OptionalAttributeTypesCACert', 'ValidRFC3280OptionalAttributeTypesTest8EE', true],
  ['4.3.9', 'UTF8StringEncodedNamesCACert', 'ValidUTF8StringEncodedNamesTest9EE', true],
  [
    '4.3.10',
    'RolloverfromPrintableStringtoUTF8StringCACert',
    'ValidRolloverfromPrintableStringtoUTF8StringTest10EE',
    true,
  ],
  ['4.3.11', 'UTF8StringCaseInsensitiveMatchCACert', 'ValidUTF8StringCaseInsensitiveMatchTest11EE', true],
];

for (const [number, authority, issued, same] of chained) {
  test(`PKITS ${number}: ${issued}`, { skip: pkits.skip }, () => {
    const { subject } = pkitsCertificate(authority);
    const { issuer } = pkitsCertificate(issued);
    assert.equal(sameName(subject, issuer), same, `${subject.text} / ${issuer.text}`);
    assert.equal(sameName(parseNameText(subject.text), issuer), same, 'by their texts, too');
  });
}
