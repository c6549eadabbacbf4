import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  concatBytes,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeImplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  tags,
} from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { encodeName, ocspOids, parseOcspRequest } from '../index.ts';

const none = new Uint8Array();
const nothing = Uint8Array.of(tags.null, 0);
const sha1 = encodeSequence(encodeOid('1.3.14.3.2.26'), nothing);
const hash = encodeOctetString(new Uint8Array(20).fill(0xab));

function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [Uint8Array.of(tags.boolean, 1, 0xff)] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
}

const nonce = (octets: number): Uint8Array =>
  extension(ocspOids.nonce, encodeOctetString(new Uint8Array(octets).fill(1)));

/** A request built field by field, so that one field can break a rule. */
function build(
  fields: {
    version?: Uint8Array;
    requestor?: Uint8Array;
    algorithm?: Uint8Array;
    nameHash?: Uint8Array;
    serial?: Uint8Array;
    afterSerial?: Uint8Array;
    singleExtensions?: readonly Uint8Array[];
    requests?: readonly Uint8Array[];
    extensions?: readonly Uint8Array[];
    afterTbs?: Uint8Array;
    signature?: Uint8Array;
    after?: Uint8Array;
  } = {},
): Uint8Array {
  const certId = encodeSequence(
    fields.algorithm ?? sha1,
    fields.nameHash ?? hash,
    hash,
    fields.serial ?? encodeInteger(7),
    fields.afterSerial ?? none,
  );
  const list = (number: number, extensions: readonly Uint8Array[] | undefined): Uint8Array =>
    extensions === undefined ? none : encodeExplicit(number, encodeSequence(...extensions));
  const tbs = encodeSequence(
    fields.version ?? none,
    fields.requestor ?? none,
    encodeSequence(...(fields.requests ?? [encodeSequence(certId, list(0, fields.singleExtensions))])),
    list(2, fields.extensions),
    fields.afterTbs ?? none,
  );
  return concatBytes([encodeSequence(tbs, fields.signature ?? none), fields.after ?? none]);
}

function refuses(fields: Parameters<typeof build>[0], rule: RegExp, code = 'CS-DER-001'): void {
  assert.throws(
    () => parseOcspRequest(build(fields)),
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(String(error.evidence['rule']), rule);
      return true;
    },
  );
}

test('what a request asks', () => {
  const request = parseOcspRequest(
    build({
      requestor: encodeExplicit(1, encodeExplicit(4, encodeName({ commonName: 'asker' }))),
      extensions: [
        nonce(32),
        extension(ocspOids.acceptableResponses, encodeSequence(encodeOid(ocspOids.basicResponse))),
      ],
    }),
  );
  const [single] = request.requests;
  assert.equal(single?.certId.hashAlgorithm, 'SHA-1');
  assert.equal(single.certId.issuerNameHash, 'ab'.repeat(20));
  assert.equal(single.certId.serialNumber, '07');
  assert.equal(request.requestorName?.directory[0]?.text, 'CN=asker');
  assert.equal(request.nonce, '01'.repeat(32));
  assert.deepEqual(request.acceptableResponses, [ocspOids.basicResponse]);
  assert.equal(request.signature, undefined);
  assert.deepEqual(request.unprocessedCritical, []);
});

test('the smallest request', () => {
  const request = parseOcspRequest(build());
  assert.equal(request.requests.length, 1);
  assert.equal(request.nonce, undefined);
  assert.equal(request.requestorName, undefined);
});

test('a signed request keeps its signature and its certificates', () => {
  const algorithm = encodeSequence(encodeOid('1.3.101.112'));
  const bits = encodeBitString(new Uint8Array(64).fill(2));
  const certificate = encodeSequence(encodeInteger(1));
  const signed = (...members: readonly Uint8Array[]): Uint8Array => encodeExplicit(0, encodeSequence(...members));
  const bare = parseOcspRequest(build({ signature: signed(algorithm, bits) }));
  assert.equal(bare.signature?.signatureAlgorithm, 'Ed25519');
  assert.deepEqual(bare.signature.certificates, []);
  const certificates = encodeExplicit(0, encodeSequence(certificate, certificate));
  const whole = parseOcspRequest(build({ signature: signed(algorithm, bits, certificates) }));
  assert.deepEqual(whole.signature?.certificates, [certificate, certificate]);
  refuses({ signature: signed(algorithm, bits, certificates, nothing) }, /bytes after/);
  refuses({ signature: signed(algorithm, bits, encodeExplicit(0, encodeInteger(1))) }, /0x30 expected/);
});

test('a nonce has 1 to 128 octets, in an OCTET STRING of its own (RFC 9654)', () => {
  for (const octets of [1, 16, 128])
    assert.equal(parseOcspRequest(build({ extensions: [nonce(octets)] })).nonce?.length, 2 * octets);
  for (const octets of [0, 129]) refuses({ extensions: [nonce(octets)] }, /nonce of other than/, 'CS-OCSP-001');
  refuses({ extensions: [extension(ocspOids.nonce, new Uint8Array(16).fill(1))] }, /0x04 expected/);
});

test('hashes are of the length of their algorithm; one that is not known is kept', () => {
  refuses({ nameHash: encodeOctetString(new Uint8Array(19)) }, /SHA-1 hash of other than 20/);
  refuses({ algorithm: encodeSequence(encodeOid('1.3.14.3.2.26'), encodeInteger(1)) }, /0x05 expected/);
  refuses({ algorithm: encodeSequence(encodeOid('1.3.14.3.2.26'), Uint8Array.of(5, 1, 0)) }, /NULL with contents/);
  assert.equal(
    parseOcspRequest(build({ algorithm: encodeSequence(encodeOid('1.3.14.3.2.26')) })).requests[0]?.certId
      .hashAlgorithm,
    'SHA-1',
  );
  const strange = parseOcspRequest(build({ algorithm: encodeSequence(encodeOid('1.2.3'), encodeInteger(1)) }));
  assert.equal(strange.requests[0]?.certId.hashAlgorithm, 'oid 1.2.3');
});

test('what is not DER, or not a request', () => {
  refuses({ requests: [] }, /about no certificate/, 'CS-OCSP-001');
  refuses({ version: encodeExplicit(0, encodeInteger(0)) }, /default value/);
  refuses({ version: encodeExplicit(0, encodeInteger(1)) }, /version other than 1/, 'CS-OCSP-001');
  refuses({ serial: Uint8Array.of(2, 2, 0, 5) }, /shortest form/);
  refuses({ afterSerial: nothing }, /bytes after/);
  refuses({ afterTbs: nothing }, /bytes after/);
  refuses({ after: nothing }, /bytes after/);
  refuses({ extensions: [] }, /Extensions is empty/);
  refuses({ singleExtensions: [] }, /Extensions is empty/);
  refuses({ extensions: [nonce(1), nonce(1)] }, /appears twice/, 'CS-X509-001');
  const two = concatBytes([encodeImplicit(2, Uint8Array.of(0x61)), encodeImplicit(2, Uint8Array.of(0x61))]);
  refuses({ requestor: encodeElement(0xa1, two) }, /bytes after/);
});

test('critical extensions that are not known are listed', () => {
  const request = parseOcspRequest(
    build({
      extensions: [extension('1.2.3.1', none, true), extension('1.2.3.2', none)],
      singleExtensions: [extension('1.2.3.3', none, true)],
    }),
  );
  assert.deepEqual(request.unprocessedCritical, ['1.2.3.1', '1.2.3.3']);
});
