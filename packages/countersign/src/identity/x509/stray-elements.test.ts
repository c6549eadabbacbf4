/** Lists and OCSP messages with every field that there is, and one element too many in each place where it may be put. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  encodeElement,
  encodeExplicit,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctetString,
  encodeOid,
  encodeSequence,
  tags,
} from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { withStrayElements } from '../../../../../tests/fixtures/stray-elements.ts';
import {
  acceptableResponsesExtension,
  archiveCutoffExtension,
  authorityKeyIdentifierExtension,
  type CertStatus,
  accessMethods,
  authorityInfoAccessExtension,
  crlIssuerAltNameExtension,
  crlNumberExtension,
  deltaCrlIndicatorExtension,
  encodeCertId,
  encodeName,
  encodeOcspError,
  encodeOcspRequest,
  encodeOcspResponse,
  encodeResponseData,
  encodeSigned,
  encodeTbsCertList,
  encodeTbsRequest,
  expiredCertsOnCrlExtension,
  extendedRevokeExtension,
  freshestCrlExtension,
  issuingDistributionPointExtension,
  nonceExtension,
  ocspOids,
  parseCertificateList,
  parseOcspRequest,
  parseOcspResponse,
} from './index.ts';
import { testMoment } from '../../../../../tests/fixtures/certificates.ts';

const name = encodeName({ commonName: 'all', organization: 'Fields' });
const signature = new Uint8Array(64).fill(0xff);
const hash = (): Uint8Array => new Uint8Array(20).fill(0xff);
/** Neither a certificate nor looked into where it stands. */
const certificate = encodeSequence(encodeInteger(7));

function refusesEach(der: Uint8Array, parse: (bytes: Uint8Array) => unknown, fewest: number): void {
  parse(der);
  const strays = withStrayElements(der, [certificate]);
  assert.ok(strays.length >= fewest, String(strays.length));
  for (const stray of strays) assert.throws(() => parse(stray), isRefusal, Buffer.from(stray).toString('hex'));
}

test('a list', () => {
  const point = { fullName: { uri: ['http://crl.example/1'], directory: [{ raw: name }] }, indirectCRL: true };
  const tbs = encodeTbsCertList({
    signatureAlgorithm: 'Ed25519',
    issuer: name,
    thisUpdate: testMoment,
    nextUpdate: testMoment,
    revoked: [
      { serialNumber: Uint8Array.of(1), revocationDate: testMoment },
      {
        serialNumber: Uint8Array.of(2),
        revocationDate: testMoment,
        reason: 'certificateHold',
        holdInstruction: '1.2.840.10040.2.2',
        invalidityDate: testMoment,
        certificateIssuer: name,
      },
    ],
    extensions: [
      authorityKeyIdentifierExtension(Uint8Array.of(0xff)),
      crlNumberExtension(1),
      deltaCrlIndicatorExtension(1),
      issuingDistributionPointExtension(point),
      freshestCrlExtension([point]),
      crlIssuerAltNameExtension(point.fullName),
      authorityInfoAccessExtension([{ method: accessMethods.caIssuers, location: { uri: ['http://ca.example'] } }]),
      expiredCertsOnCrlExtension(testMoment),
    ],
  });
  refusesEach(encodeSigned(tbs, 'Ed25519', signature), parseCertificateList, 60);
});

const certId = encodeCertId({ subject: { raw: name }, publicKey: publicKey() }, Uint8Array.of(1), 'SHA-1', hash);

function publicKey(): { readonly raw: Uint8Array } {
  return { raw: encodeSequence(encodeSequence(), Uint8Array.of(tags.bitString, 1, 0)) };
}

test('an OCSP request', () => {
  const tbs = encodeTbsRequest({
    certIds: [certId],
    requestorName: name,
    extensions: [nonceExtension(Uint8Array.of(0xff)), acceptableResponsesExtension()],
  });
  const signed = { signatureAlgorithm: 'Ed25519', signature, certificates: [certificate] } as const;
  refusesEach(encodeOcspRequest(tbs, signed), parseOcspRequest, 20);
  refusesEach(encodeOcspRequest(tbs), parseOcspRequest, 15);
});

test('an OCSP response', () => {
  const url = encodeElement(tags.ia5String, new TextEncoder().encode('http://crl.example'));
  const crlReference = encodeSequence(
    encodeExplicit(0, url),
    encodeExplicit(1, encodeInteger(1)),
    encodeExplicit(2, encodeGeneralizedTime(testMoment)),
  );
  const extensions = [
    archiveCutoffExtension(testMoment),
    encodeSequence(encodeOid(ocspOids.crlReference), encodeOctetString(crlReference)),
  ];
  const statuses: readonly CertStatus[] = [
    { status: 'good' },
    { status: 'revoked', revocationTime: testMoment, reason: 'superseded' },
  ];
  for (const responderId of [{ name }, { keyHash: hash() }]) {
    const data = encodeResponseData({
      responderId,
      producedAt: testMoment,
      responses: statuses.map((certStatus) => ({
        certId,
        certStatus,
        thisUpdate: testMoment,
        nextUpdate: testMoment,
        extensions,
      })),
      extensions: [nonceExtension(Uint8Array.of(0xff)), extendedRevokeExtension()],
    });
    refusesEach(encodeOcspResponse(data, 'Ed25519', signature, [certificate]), parseOcspResponse, 40);
  }
  refusesEach(encodeOcspError('tryLater'), parseOcspResponse, 1);
});
