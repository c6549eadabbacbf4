import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  concatBytes,
  contextConstructed,
  encodeBitString,
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeImplicit,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  encodeTime,
  tags,
} from '../../../ground/encoding/index.ts';
import { isRefusal } from '../../../ground/errors/index.ts';
import { makeRoot, testMoment } from '../../../../../../tests/fixtures/certificates.ts';
import {
  certIdIsOf,
  encodeCertId,
  encodeName,
  encodeOcspError,
  type OcspError,
  ocspOids,
  type OcspResponse,
  parseOcspResponse,
} from '../index.ts';

const none = new Uint8Array();
const root = makeRoot();
const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest();
const certId = encodeCertId(root.certificate, Uint8Array.of(7), 'SHA-1', sha1);
const at = encodeGeneralizedTime(testMoment);
const good = encodeImplicit(0, none);

function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  const flag = critical ? [Uint8Array.of(tags.boolean, 1, 0xff)] : [];
  return encodeSequence(encodeOid(oid), ...flag, encodeOctetString(value));
}

const extensionField = (number: number, ...extensions: readonly Uint8Array[]): Uint8Array =>
  encodeExplicit(number, encodeSequence(...extensions));

/** A response built field by field, so that one field can break a rule. */
function build(
  fields: {
    status?: Uint8Array;
    type?: string;
    version?: Uint8Array;
    responderId?: Uint8Array;
    producedAt?: Uint8Array;
    certStatus?: Uint8Array;
    thisUpdate?: Uint8Array;
    nextUpdate?: Uint8Array;
    singleExtensions?: Uint8Array;
    responses?: readonly Uint8Array[];
    extensions?: Uint8Array;
    certificates?: Uint8Array;
    responseBytes?: Uint8Array;
    after?: Uint8Array;
  } = {},
): Uint8Array {
  const single = encodeSequence(
    certId,
    fields.certStatus ?? good,
    fields.thisUpdate ?? at,
    fields.nextUpdate ?? none,
    fields.singleExtensions ?? none,
  );
  const data = encodeSequence(
    fields.version ?? none,
    fields.responderId ?? encodeExplicit(2, encodeOctetString(new Uint8Array(20).fill(0xcd))),
    fields.producedAt ?? at,
    encodeSequence(...(fields.responses ?? [single])),
    fields.extensions ?? none,
  );
  const algorithm = encodeSequence(encodeOid('1.3.101.112'));
  const basic = encodeSequence(data, algorithm, encodeBitString(new Uint8Array(64)), fields.certificates ?? none);
  const bytes = encodeSequence(encodeOid(fields.type ?? ocspOids.basicResponse), encodeOctetString(basic));
  return concatBytes([
    encodeSequence(
      fields.status ?? Uint8Array.of(tags.enumerated, 1, 0),
      fields.responseBytes ?? encodeExplicit(0, bytes),
    ),
    fields.after ?? none,
  ]);
}

type Fields = Parameters<typeof build>[0];

function basicOf(fields: Fields = {}): Extract<OcspResponse, { basic: unknown }>['basic'] {
  const response = parseOcspResponse(build(fields));
  assert.ok(response.status === 'successful');
  return response.basic;
}

function refuses(fields: Fields, rule: RegExp, code = 'CS-DER-001'): void {
  assert.throws(
    () => parseOcspResponse(build(fields)),
    (error: unknown) => {
      assert.ok(isRefusal(error), String(error));
      assert.equal(error.code, code, error.message);
      assert.match(String(error.evidence['rule']), rule);
      return true;
    },
  );
}

test('a good certificate', () => {
  const basic = basicOf({ nextUpdate: encodeExplicit(0, encodeGeneralizedTime(testMoment + 1000)) });
  assert.deepEqual(basic.responderId, { by: 'key', keyHash: 'cd'.repeat(20) });
  assert.equal(basic.producedAt, testMoment);
  assert.deepEqual(basic.certificates, []);
  assert.equal(basic.extendedRevoke, false);
  const [single] = basic.responses;
  assert.deepEqual(single?.certStatus, { status: 'good' });
  assert.equal(single.thisUpdate, testMoment);
  assert.equal(single.nextUpdate, testMoment + 1000);
  assert.equal(single.certId.serialNumber, '07');
  assert.ok(certIdIsOf(single.certId, root.certificate, sha1));
  assert.ok(!certIdIsOf(single.certId, makeRoot().certificate, sha1), 'another key');
});

test('a revoked one, with and without a reason, and an unknown one', () => {
  const statusOf = (certStatus: Uint8Array) => basicOf({ certStatus }).responses[0]?.certStatus;
  const reason = (code: number): Uint8Array => encodeExplicit(0, Uint8Array.of(tags.enumerated, 1, code));
  const revoked = (...members: readonly Uint8Array[]): Uint8Array =>
    encodeElement(contextConstructed(1), concatBytes(members));
  assert.deepEqual(statusOf(revoked(at)), { status: 'revoked', revocationTime: testMoment });
  assert.deepEqual(statusOf(revoked(at, reason(1))), {
    status: 'revoked',
    revocationTime: testMoment,
    reason: 'keyCompromise',
  });
  assert.deepEqual(statusOf(encodeImplicit(2, none)), { status: 'unknown' });
  refuses({ certStatus: revoked(at, reason(7)) }, /which there is not/, 'CS-CRL-001');
  refuses({ certStatus: revoked(at, reason(1), at) }, /bytes after/);
  refuses({ certStatus: revoked(encodeTime(testMoment)) }, /0x18 expected/);
  refuses({ certStatus: encodeImplicit(0, Uint8Array.of(0)) }, /NULL with contents/);
  refuses({ certStatus: encodeImplicit(2, Uint8Array.of(0)) }, /NULL with contents/);
  refuses({ certStatus: encodeElement(contextConstructed(0), none) }, /no CertStatus/);
  refuses({ certStatus: encodeImplicit(3, none) }, /no CertStatus/);
});

test('the responder, by name', () => {
  const named = basicOf({ responderId: encodeExplicit(1, encodeName({ commonName: 'responder' })) });
  assert.ok(named.responderId.by === 'name');
  assert.equal(named.responderId.name.text, 'CN=responder');
  refuses({ responderId: encodeExplicit(2, encodeOctetString(new Uint8Array(32))) }, /20 octets/, 'CS-OCSP-001');
  refuses({ responderId: encodeExplicit(3, encodeOctetString(new Uint8Array(20))) }, /0xa2 expected/);
});

test('an error is no answer, and holds none', () => {
  const errors: readonly OcspError[] = ['malformedRequest', 'internalError', 'tryLater', 'sigRequired', 'unauthorized'];
  for (const status of errors) {
    const der = encodeOcspError(status);
    assert.deepEqual(parseOcspResponse(der), { status, raw: der });
  }
  const status = (number: number): Uint8Array => Uint8Array.of(tags.enumerated, 1, number);
  refuses({ status: status(6) }, /error with responseBytes/, 'CS-OCSP-001');
  refuses({ responseBytes: none }, /without responseBytes/, 'CS-OCSP-001');
  for (const number of [4, 7, 17]) refuses({ status: status(number) }, /responseStatus/, 'CS-OCSP-001');
  refuses({ status: encodeInteger(0) }, /0x0a expected/);
});

test('what is not DER, or not a basic response', () => {
  refuses({ type: ocspOids.nonce }, /not of the basic one/, 'CS-OCSP-001');
  refuses({ version: encodeExplicit(0, encodeInteger(0)) }, /default value/);
  refuses({ version: encodeExplicit(0, encodeInteger(1)) }, /version other than 1/, 'CS-OCSP-001');
  refuses({ producedAt: encodeTime(testMoment) }, /0x18 expected/);
  refuses({ thisUpdate: encodeTime(testMoment) }, /0x18 expected/);
  refuses(
    { nextUpdate: encodeExplicit(0, encodeGeneralizedTime(testMoment - 1000)) },
    /before thisUpdate/,
    'CS-OCSP-001',
  );
  refuses({ nextUpdate: encodeElement(contextConstructed(0), concatBytes([at, at])) }, /bytes after/);
  refuses({ after: at }, /bytes after/);
  refuses({ certificates: encodeExplicit(0, encodeSequence(encodeInteger(1))) }, /0x30 expected/);
  refuses({ certificates: at }, /0xa0 expected/);
  refuses({ extensions: encodeExplicit(1, encodeSequence()) }, /Extensions is empty/);
  refuses({ singleExtensions: encodeExplicit(1, encodeSequence()) }, /Extensions is empty/);
});

test('no responses at all can be read', () => {
  assert.deepEqual(basicOf({ responses: [] }).responses, []);
});

test('the extensions of a response and of a single one', () => {
  const ascii = (text: string): Uint8Array => encodeElement(tags.ia5String, new TextEncoder().encode(text));
  const reference = encodeSequence(
    encodeExplicit(0, ascii('http://crl.example')),
    encodeExplicit(1, encodeInteger(300)),
    encodeExplicit(2, at),
  );
  const basic = basicOf({
    extensions: extensionField(
      1,
      extension(ocspOids.nonce, encodeOctetString(Uint8Array.of(0xee))),
      extension(ocspOids.extendedRevoke, Uint8Array.of(tags.null, 0)),
      extension('1.2.3.1', none, true),
    ),
    singleExtensions: extensionField(
      1,
      extension(ocspOids.archiveCutoff, at),
      extension(ocspOids.crlReference, reference),
      extension('1.2.3.2', none, true),
      extension('1.2.3.3', none),
    ),
  });
  assert.equal(basic.nonce, 'ee');
  assert.equal(basic.extendedRevoke, true);
  assert.deepEqual(basic.unprocessedCritical, ['1.2.3.1']);
  const [single] = basic.responses;
  assert.equal(single?.archiveCutoff, testMoment);
  assert.deepEqual(single.crlReference, { url: 'http://crl.example', crlNumber: '012C', thisUpdate: testMoment });
  assert.deepEqual(single.unprocessedCritical, ['1.2.3.2']);
  assert.equal(single.extensions.length, 4);
  refuses({ singleExtensions: extensionField(1, extension(ocspOids.archiveCutoff, encodeTime(testMoment))) }, /0x18/);
  refuses({ extensions: extensionField(1, extension(ocspOids.extendedRevoke, none)) }, /0x05 is missing/);
});
