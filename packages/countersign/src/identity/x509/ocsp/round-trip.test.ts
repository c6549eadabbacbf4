import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../ground/encoding/index.ts';
import { makeRoot } from '../../../../../../tests/fixtures/certificates.ts';
import {
  acceptableResponsesExtension,
  archiveCutoffExtension,
  type CertIdHash,
  certIdIsOf,
  type CertStatus,
  encodeCertId,
  encodeName,
  encodeOcspRequest,
  encodeOcspResponse,
  encodeResponseData,
  encodeTbsRequest,
  extendedRevokeExtension,
  nonceExtension,
  ocspOids,
  parseOcspRequest,
  parseOcspResponse,
} from '../index.ts';

const issuer = makeRoot().certificate;
const hashOf =
  (algorithm: CertIdHash) =>
  (bytes: Uint8Array): Uint8Array =>
    new Uint8Array(createHash(algorithm.replace('-', '')).update(bytes).digest());

const algorithm = fc.constantFrom<CertIdHash[]>('SHA-1', 'SHA-256', 'SHA-384', 'SHA-512');
const serial = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .map((octets) => Uint8Array.of(0x01, ...octets.subarray(1)));
const seconds = (from: number, to: number): fc.Arbitrary<number> =>
  fc.integer({ min: from / 1000, max: to / 1000 }).map((second) => second * 1000);
const ms = seconds(Date.UTC(1990, 0), Date.UTC(2200, 0));
const nonce = fc.option(fc.uint8Array({ minLength: 1, maxLength: 128 }), { nil: undefined });
const certificates = fc.array(fc.constant(issuer.raw), { maxLength: 3 });
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 });

const status: fc.Arbitrary<CertStatus> = fc.oneof(
  fc.constant<CertStatus>({ status: 'good' }),
  fc.constant<CertStatus>({ status: 'unknown' }),
  ms.map((revocationTime): CertStatus => ({ status: 'revoked', revocationTime })),
  ms.map((revocationTime): CertStatus => ({ status: 'revoked', revocationTime, reason: 'certificateHold' })),
);

test('what was written of a request is read again', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(algorithm, serial), { minLength: 1, maxLength: 5 }),
      nonce,
      fc.option(fc.tuple(signature, certificates), { nil: undefined }),
      (asked, octets, signed) => {
        const certIds = asked.map(([hash, number]) => encodeCertId(issuer, number, hash, hashOf(hash)));
        const tbs = encodeTbsRequest({
          certIds,
          ...(signed === undefined ? {} : { requestorName: encodeName({ commonName: 'asker' }) }),
          extensions: [acceptableResponsesExtension(), ...(octets === undefined ? [] : [nonceExtension(octets)])],
        });
        const request = parseOcspRequest(
          signed === undefined
            ? encodeOcspRequest(tbs)
            : encodeOcspRequest(tbs, {
                signatureAlgorithm: 'Ed25519',
                signature: signed[0],
                certificates: signed[1],
              }),
        );
        assert.deepEqual(request.tbs, tbs);
        assert.equal(request.nonce, octets === undefined ? undefined : toHex(octets));
        assert.deepEqual(request.acceptableResponses, [ocspOids.basicResponse]);
        assert.equal(request.requestorName?.directory[0]?.text, signed === undefined ? undefined : 'CN=asker');
        assert.deepEqual(request.signature?.signature, signed?.[0]);
        assert.deepEqual(request.signature?.certificates, signed?.[1]);
        for (const [index, { certId }] of request.requests.entries()) {
          const [hash, number] = asked[index]!;
          assert.deepEqual(certId.raw, certIds[index]);
          assert.equal(certId.hashAlgorithm, hash);
          assert.equal(certId.serialNumber, toHex(number).toUpperCase());
          assert.ok(certIdIsOf(certId, issuer, hashOf(hash)));
        }
      },
    ),
  );
});

const single = fc.record({
  status,
  hash: algorithm,
  number: serial,
  thisUpdate: ms,
  holds: fc.option(seconds(0, 1e9)),
});

test('what was written of a response is read again', () => {
  fc.assert(
    fc.property(
      fc.array(single, { maxLength: 4 }),
      fc.tuple(fc.boolean(), ms, nonce),
      signature,
      certificates,
      (answers, [byName, producedAt, octets], bits, presented) => {
        const name = encodeName({ commonName: 'responder' });
        const keyHash = new Uint8Array(20).fill(7);
        const data = encodeResponseData({
          responderId: byName ? { name } : { keyHash },
          producedAt,
          responses: answers.map(({ status: certStatus, hash, number, thisUpdate, holds }) => ({
            certId: encodeCertId(issuer, number, hash, hashOf(hash)),
            certStatus,
            thisUpdate,
            ...(holds === null ? {} : { nextUpdate: thisUpdate + holds }),
            extensions: [archiveCutoffExtension(thisUpdate)],
          })),
          extensions: [extendedRevokeExtension(), ...(octets === undefined ? [] : [nonceExtension(octets)])],
        });
        const response = parseOcspResponse(encodeOcspResponse(data, 'Ed25519', bits, presented));
        assert.ok(response.status === 'successful');
        const { basic } = response;
        assert.deepEqual(basic.tbs, data);
        assert.equal(basic.signatureAlgorithm, 'Ed25519');
        assert.deepEqual(basic.signature, bits);
        assert.deepEqual(basic.certificates, presented);
        assert.equal(basic.producedAt, producedAt);
        assert.equal(basic.nonce, octets === undefined ? undefined : toHex(octets));
        assert.ok(basic.extendedRevoke);
        if (basic.responderId.by === 'name') assert.deepEqual(basic.responderId.name.raw, name);
        else assert.equal(basic.responderId.keyHash, toHex(keyHash));
        assert.equal(basic.responderId.by, byName ? 'name' : 'key');
        assert.equal(basic.responses.length, answers.length);
        for (const [index, read] of basic.responses.entries()) {
          const { status: written, number, thisUpdate, holds } = answers[index]!;
          assert.deepEqual(read.certStatus, written);
          assert.equal(read.certId.serialNumber, toHex(number).toUpperCase());
          assert.equal(read.thisUpdate, thisUpdate);
          assert.equal(read.nextUpdate, holds === null ? undefined : thisUpdate + holds);
          assert.equal(read.archiveCutoff, thisUpdate);
        }
      },
    ),
  );
});

test('what no message may be is not written', () => {
  const certId = encodeCertId(issuer, Uint8Array.of(1), 'SHA-1', hashOf('SHA-1'));
  const response = { certId, certStatus: { status: 'good' }, thisUpdate: 1000, nextUpdate: 0 } as const;
  const responderId = { keyHash: new Uint8Array(20) };
  assert.throws(() => encodeTbsRequest({ certIds: [] }), TypeError);
  assert.throws(() => nonceExtension(new Uint8Array()), TypeError);
  assert.throws(() => nonceExtension(new Uint8Array(129)), TypeError);
  assert.throws(() => encodeResponseData({ responderId, producedAt: 0, responses: [response] }), TypeError);
  const wrong = { keyHash: new Uint8Array(32) };
  assert.throws(() => encodeResponseData({ responderId: wrong, producedAt: 0, responses: [] }), TypeError);
});
