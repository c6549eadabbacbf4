import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contextConstructed,
  encodeBitString,
  encodeElement,
  encodeInteger,
  encodeOid,
  encodeSequence,
  encodeSetOf,
  encodeUtf8String,
} from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { generatePrivateKey, makeRequest, verifySignature } from '../../../../../tests/fixtures/certificates.ts';
import {
  encodeName,
  encodeSigned,
  noNames,
  parseCertificationRequest,
  subjectAltNameExtension,
  verifyCertificationRequest,
} from './index.ts';

const key = generatePrivateKey('P-256');
const names = { dns: ['web.internal'], uri: ['spiffe://dev.internal/web'], ip: ['::1'] };
const extensionRequest = '1.2.840.113549.1.9.14';

/** A request with any attributes and version, signed by `key`. */
function build(attributes: readonly Uint8Array[], version = 0): Uint8Array {
  const info = encodeSequence(
    encodeInteger(version),
    encodeName({ commonName: 'a' }),
    key.publicKey.raw,
    encodeElement(contextConstructed(0), Buffer.concat(attributes)),
  );
  return encodeSigned(info, key.signatureAlgorithm, key.sign(info));
}

const attribute = (oid: string, ...values: readonly Uint8Array[]): Uint8Array =>
  encodeSequence(encodeOid(oid), encodeSetOf(values));
const asked = encodeSequence(subjectAltNameExtension({ dns: ['a'] }, false));

function refuses(der: Uint8Array, code: string, fact: string): void {
  assert.throws(
    () => parseCertificationRequest(der),
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, code);
      assert.equal(error.evidence.rule, fact);
      return true;
    },
  );
}

test('a request of each kind of key comes back and proves its key', () => {
  for (const type of ['P-256', 'P-384', 'Ed25519'] as const) {
    const own = generatePrivateKey(type);
    const request = parseCertificationRequest(makeRequest(own, names, 'web'));
    assert.equal(request.subject.text, 'CN=web');
    assert.deepEqual(request.subjectAltName, { ...noNames, ...names });
    assert.deepEqual(request.publicKey, own.publicKey);
    verifyCertificationRequest(request, verifySignature);
  }
  const bare = parseCertificationRequest(makeRequest(key));
  assert.deepEqual(bare.subjectAltName, noNames);
  assert.equal(bare.subject.text, '');
  verifyCertificationRequest(bare, verifySignature);
});

test('a request signed with another key, or changed, is refused by its name', () => {
  const forged = (subject: string | undefined): void => {
    const request = parseCertificationRequest(makeRequest(key, names, subject));
    const stranger = { ...request, publicKey: generatePrivateKey('P-256').publicKey };
    assert.throws(() => verifyCertificationRequest(stranger, verifySignature), {
      code: 'CS-X509-003',
      evidence: { subject: subject === undefined ? 'spiffe://dev.internal/web' : `CN=${subject}` },
    });
  };
  forged('web');
  forged(undefined);
  const nameless = parseCertificationRequest(makeRequest(key));
  const changed = {
    ...nameless,
    signed: Uint8Array.from(nameless.signed, (octet, index) => (index === 9 ? octet ^ 1 : octet)),
  };
  assert.throws(() => verifyCertificationRequest(changed, verifySignature), {
    evidence: { subject: 'without a name' },
  });
  // The algorithm of another kind of key is refused without asking.
  const other = { ...nameless, signatureAlgorithm: 'Ed25519' as const };
  assert.throws(() => verifyCertificationRequest(other, () => true), { code: 'CS-X509-003' });
});

test('attributes are in order, the list of extensions is there once', () => {
  const challenge = attribute('1.2.840.113549.1.9.7', encodeUtf8String('secret'));
  const both = [challenge, attribute(extensionRequest, asked)];
  const inOrder = both.toSorted(Buffer.compare);
  assert.deepEqual(parseCertificationRequest(build(inOrder)).subjectAltName.dns, ['a']);
  refuses(build(inOrder.toReversed()), 'CS-DER-001', 'SET OF out of order');
  const again = encodeSequence(subjectAltNameExtension({ dns: ['ab'] }, false));
  const twice = [attribute(extensionRequest, asked), attribute(extensionRequest, again)];
  refuses(build(twice), 'CS-X509-001', 'two lists of requested extensions (RFC 2985, 5.4.2)');
  refuses(build([attribute(extensionRequest, asked, again)]), 'CS-DER-001', 'bytes after the last element');
  refuses(build([attribute(extensionRequest)]), 'CS-DER-001', 'element 0x30 is missing');
  refuses(build([attribute(extensionRequest, encodeSequence())]), 'CS-DER-001', 'Extensions is empty');
  refuses(build([], 1), 'CS-X509-001', 'request version other than 0 (RFC 2986, 4.1)');
});

test('the outer form: three fields, nothing around them', () => {
  const good = build([]);
  refuses(Uint8Array.of(...good, 0), 'CS-DER-001', 'bytes after the last element');
  const info = parseCertificationRequest(good).signed;
  const algorithm = encodeSequence(encodeOid('1.2.840.10045.4.3.2'));
  const signature = encodeBitString(key.sign(info));
  parseCertificationRequest(encodeSequence(info, algorithm, signature));
  refuses(encodeSequence(info, algorithm, signature, signature), 'CS-DER-001', 'bytes after the last element');
  refuses(encodeSequence(info, algorithm), 'CS-DER-001', 'element 0x03 is missing');
});
