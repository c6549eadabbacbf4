/** Thousands of damaged revocation lists and OCSP messages: nothing but refusals comes of them, and none takes long. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isRefusal, toCommandText, toLogLine } from '../../packages/countersign/src/ground/errors/index.ts';
import {
  acceptableResponsesExtension,
  archiveCutoffExtension,
  authorityKeyIdentifierExtension,
  accessMethods,
  authorityInfoAccessExtension,
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
  freshestCrlExtension,
  issuingDistributionPointExtension,
  nonceExtension,
  parseCertificateList,
  parseOcspRequest,
  parseOcspResponse,
} from '../../packages/countersign/src/identity/x509/index.ts';
import { makeRoot, testMoment } from '../fixtures/certificates.ts';
import { mutateBytes } from '../fixtures/mutations.ts';
import { cpuMs, longestMs, mutationSeed, scaled } from '../fixtures/mutation-run.ts';
import { seededRandom } from '../fixtures/random.ts';

const seed = mutationSeed(20_260_601);

const inputs = scaled(4000);

const issuer = makeRoot().certificate;
const algorithm = 'Ed25519';
const signature = new Uint8Array(64).fill(9);
const [thisUpdate, nextUpdate] = [testMoment, testMoment + 3_600_000];
const name = encodeName({ commonName: 'lists', organization: 'Example' });

const lists = [
  encodeTbsCertList({
    signatureAlgorithm: algorithm,
    issuer: name,
    thisUpdate,
    nextUpdate,
    revoked: [
      { serialNumber: Uint8Array.of(1), revocationDate: thisUpdate },
      { serialNumber: Uint8Array.of(2, 3), revocationDate: thisUpdate, reason: 'keyCompromise', invalidityDate: 0 },
      { serialNumber: Uint8Array.of(4), revocationDate: thisUpdate, certificateIssuer: name, reason: 'removeFromCRL' },
      { serialNumber: Uint8Array.of(4), revocationDate: thisUpdate, holdInstruction: '1.2.840.10040.2.2' },
    ],
    extensions: [
      authorityKeyIdentifierExtension(Uint8Array.of(1, 2, 3)),
      crlNumberExtension(77),
      deltaCrlIndicatorExtension(70),
      issuingDistributionPointExtension({
        fullName: { uri: ['http://crl.example/1'], directory: [{ raw: name }] },
        onlySomeReasons: ['keyCompromise', 'superseded'],
        indirectCRL: true,
      }),
      freshestCrlExtension([{ fullName: { uri: ['http://crl.example/d'] } }]),
      authorityInfoAccessExtension([{ method: accessMethods.caIssuers, location: { uri: ['http://ca.example/1'] } }]),
      expiredCertsOnCrlExtension(0),
    ],
  }),
  encodeTbsCertList({
    signatureAlgorithm: algorithm,
    issuer: name,
    thisUpdate,
    nextUpdate,
    revoked: Array.from({ length: 300 }, (_, index) => ({
      serialNumber: Uint8Array.of(0x40, index >> 8, index),
      revocationDate: thisUpdate,
      reason: 'superseded' as const,
    })),
    extensions: [crlNumberExtension(1)],
  }),
].map((tbs) => encodeSigned(tbs, algorithm, signature));

const sha = (hash: string) => (bytes: Uint8Array) => new Uint8Array(createHash(hash).update(bytes).digest());
const certIds = [
  encodeCertId(issuer, Uint8Array.of(1), 'SHA-1', sha('sha1')),
  encodeCertId(issuer, Uint8Array.of(2), 'SHA-256', sha('sha256')),
];
const tbsRequest = encodeTbsRequest({
  certIds,
  requestorName: name,
  extensions: [nonceExtension(new Uint8Array(32)), acceptableResponsesExtension()],
});
const requests = [
  encodeOcspRequest(tbsRequest),
  encodeOcspRequest(tbsRequest, { signatureAlgorithm: algorithm, signature, certificates: [issuer.raw] }),
];

const responseData = encodeResponseData({
  responderId: { name },
  producedAt: thisUpdate,
  responses: [
    { certId: certIds[0]!, certStatus: { status: 'good' }, thisUpdate, nextUpdate },
    {
      certId: certIds[1]!,
      certStatus: { status: 'revoked', revocationTime: thisUpdate, reason: 'superseded' },
      thisUpdate,
      extensions: [archiveCutoffExtension(0)],
    },
  ],
  extensions: [nonceExtension(new Uint8Array(32))],
});
const responses = [
  encodeOcspResponse(responseData, algorithm, signature, [issuer.raw]),
  encodeOcspResponse(responseData, algorithm, signature),
  encodeOcspError('tryLater'),
];

/** Answers milliseconds; throws for anything but a refusal. */
function attempt(act: () => unknown, what: string): { ms: number; accepted: boolean } {
  const start = cpuMs();
  let accepted = true;
  try {
    act();
  } catch (error) {
    if (!isRefusal(error)) throw new Error(`seed ${String(seed)}: not a refusal, of ${what}`, { cause: error });
    accepted = false;
    toLogLine(error);
    toCommandText(error);
  }
  return { ms: cpuMs() - start, accepted };
}

function trial(what: string, corpus: readonly Uint8Array[], parse: (der: Uint8Array) => unknown): void {
  test(`${String(inputs)} damaged ${what}`, (t) => {
    for (const whole of corpus) parse(whole);
    let slowest = 0;
    let accepted = 0;
    for (let index = 0; index < inputs; index++) {
      const random = seededRandom(seed + index);
      const input = mutateBytes(random, random.pick(corpus), random.pick(corpus));
      const outcome = attempt(
        () => parse(input),
        `${what} ${String(index)}: ${Buffer.from(input).toString('hex').slice(0, 400)}`,
      );
      slowest = Math.max(slowest, outcome.ms);
      if (outcome.accepted) accepted++;
    }
    t.diagnostic(`seed ${String(seed)}: ${String(accepted)} accepted; slowest ${slowest.toFixed(1)} ms`);
    assert.ok(slowest < longestMs, `${slowest.toFixed(1)} ms`);
    assert.ok(accepted < inputs / 2, 'most damage is seen');
  });
}

trial('revocation lists', lists, (der) => {
  const { revoked } = parseCertificateList(der);
  // What was let in must be readable to its last entry, and each entry found.
  for (const { serialNumber } of revoked) if (revoked.size < 10) assert.ok(revoked.find(serialNumber).length > 0);
});
trial('OCSP requests', requests, parseOcspRequest);
trial('OCSP responses', responses, parseOcspResponse);
