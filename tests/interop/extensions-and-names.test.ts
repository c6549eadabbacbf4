/** OpenSSL reads the extensions and names that we write, and shows names as we do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePem, parsePem } from '../../packages/countersign/src/ground/encoding/index.ts';
import {
  describeExtension,
  extensionOids,
  parseCertificate,
  parseNameText,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { makeRoot, makeService } from '../fixtures/certificates.ts';
import { extensionExamples } from '../fixtures/extension-examples.ts';
import { missing, run } from './peers.ts';

const skip = missing('openssl');
const root = makeRoot();

async function show(der: Uint8Array, ...options: string[]): Promise<string> {
  const { status, out, err } = await run('openssl', ['x509', '-noout', ...options], encodePem('CERTIFICATE', der));
  assert.equal(status, 0, err);
  return out;
}

test('every extension that OpenSSL knows is shown as it was meant', { skip }, async () => {
  const { certificate } = makeService(root, {
    moreExtensions: Object.values(extensionExamples).map(({ ours }) => ours),
  });
  const text = await show(certificate.raw, '-text');
  for (const [name, example] of Object.entries(extensionExamples)) {
    for (const expected of example.text ?? []) assert.match(text, expected, name);
  }
  assert.doesNotMatch(text, /<INVALID>|<Not Supported>|parse error/i);
});

test("what OpenSSL's own authority writes is read and told", { skip }, async () => {
  const { status, out, err } = await run('openssl', [
    'req',
    '-x509',
    ...['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null'],
    ...['-subj', '/CN=x', '-addext', 'tlsfeature=status_request'],
    ...['-addext', 'authorityInfoAccess=OCSP;URI:http://ocsp.test/'],
    ...['-addext', 'crlDistributionPoints=URI:http://crl.test/'],
  ]);
  assert.equal(status, 0, err);
  const { extensions } = parseCertificate(parsePem(out)[0]!.bytes);
  const told = (oid: string): unknown => describeExtension(extensions.find((one) => one.oid === oid)!).value;
  assert.deepEqual(told(extensionOids.tlsFeature), [{ name: 'statusRequest', number: 5 }]);
  assert.deepEqual(told(extensionOids.crlDistributionPoints), [{ fullName: { uri: ['http://crl.test/'] } }]);
});

/** OpenSSL's RFC 2253 form escapes what is not ASCII unless told to show UTF-8 (-esc_msb). */
const form = ['-subject', '-nameopt', 'RFC2253,-esc_msb,utf8'];

const names: readonly string[] = [
  'CN=web,O=Example',
  String.raw`CN=a\,b\+c\"d\\e\<f\>g\;h,O=x`,
  String.raw`CN=\#a,O=\ b\ `,
  'CN=a#b=c',
  String.raw`CN=a\0Ab\1Bc\7Fd`,
  'CN=Lučić 🔑,C=DE',
  'emailAddress=a@b.test,DC=example,DC=net',
  'serialNumber=7,L=Berlin,ST=Berlin',
];

for (const name of names) {
  test(`OpenSSL shows ${name} as we do`, { skip }, async () => {
    const { certificate } = makeService(root, { subject: parseNameText(name).raw });
    const shown = await show(certificate.raw, ...form);
    assert.equal(shown, `subject=${certificate.subject.text}\n`);
    assert.equal(certificate.subject.text, name);
  });
}

test('of one part, OpenSSL shows the attributes in the other order', { skip }, async () => {
  const { certificate } = makeService(root, { subject: parseNameText('UID=jsmith+CN=J. Smith,OU=Sales').raw });
  assert.equal(await show(certificate.raw, ...form), 'subject=UID=jsmith+CN=J. Smith,OU=Sales\n');
  assert.equal(certificate.subject.text, 'CN=J. Smith+UID=jsmith,OU=Sales');
});
