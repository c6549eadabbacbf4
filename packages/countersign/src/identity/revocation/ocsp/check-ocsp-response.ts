/** Whether an OCSP response may be relied upon for a certificate, and what it says then (RFC 6960, 3.2; RFC 9919 and RFC 5019 on time). */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { type BasicOcspResponse, certIdIsOf, type OcspResponse, type SingleResponse } from '../../x509/index.ts';
import { findResponder, responderName } from './find-responder.ts';
import {
  defaultOcspAgeMs,
  defaultOcspToleranceMs,
  type OcspAnswer,
  type OcspEvidence,
  type OcspQuestion,
  type OcspResponder,
} from './ocsp-question.ts';

/** Never throws for what a responder sent: that is `undetermined`, with the refusal. */
export function checkOcspResponse(question: OcspQuestion): OcspAnswer {
  try {
    return answer(question);
  } catch (error) {
    if (isRefusal(error)) return { status: 'undetermined', refusal: error };
    throw error;
  }
}

/** The steps in the order of RFC 6960, 3.2, but what is cheap before the signature. */
function answer(question: OcspQuestion): OcspAnswer {
  const basic = basicOf(question.response, question);
  requireNonce(basic, question);
  requireProcessed(basic.unprocessedCritical, question);
  const about = basic.responses.filter((single) => isAbout(single, question));
  if (about.length === 0) throw notAbout(basic, question);
  requireProduced(basic, question);
  const current = inTime(about, basic, question);
  for (const { unprocessedCritical } of current) requireProcessed(unprocessedCritical, question);
  const responder = findResponder(basic, question);
  return worst(current.map((single) => said(single, basic, responder, question)));
}

function basicOf(response: OcspResponse, { certificate }: OcspQuestion): BasicOcspResponse {
  if (response.status === 'successful') return response.basic;
  throw new Refusal('CS-OCSP-002', { serial: certificate.serialNumber, status: response.status });
}

/** RFC 9654, 2.1: equal where both have one; whether its absence is borne is the asker's decision. */
function requireNonce({ nonce: answered }: BasicOcspResponse, { nonce: asked, certificate }: OcspQuestion): void {
  if (asked === undefined) return;
  const refuse = (rule: string): Refusal => new Refusal('CS-OCSP-008', { serial: certificate.serialNumber, rule });
  if (answered === undefined) {
    if (asked.required) throw refuse('no nonce');
  } else if (answered !== asked.hex) {
    throw refuse('another nonce');
  }
}

/** Signed certificate timestamps (RFC 6962, 3.3): of Certificate Transparency, and without a word on revocation. */
const timestamps = '1.3.6.1.4.1.11129.2.4.5';

function requireProcessed(unprocessed: readonly string[], { certificate }: OcspQuestion): void {
  const extension = unprocessed.find((oid) => oid !== timestamps);
  if (extension !== undefined) throw new Refusal('CS-OCSP-007', { serial: certificate.serialNumber, extension });
}

/** The issuer's name as the certificate has it (RFC 6960, 4.1.1): it may be written otherwise than the issuer's own subject. */
function isAbout({ certId }: SingleResponse, { certificate, issuer, hash }: OcspQuestion): boolean {
  const { hashAlgorithm: algorithm, serialNumber } = certId;
  if (serialNumber !== certificate.serialNumber) return false;
  if (algorithm !== 'SHA-1' && algorithm !== 'SHA-256' && algorithm !== 'SHA-384' && algorithm !== 'SHA-512') {
    return false;
  }
  const named = { subject: certificate.issuer, publicKey: issuer.publicKey };
  return certIdIsOf(certId, named, (bytes) => hash(algorithm, bytes));
}

function notAbout({ responses }: BasicOcspResponse, { certificate }: OcspQuestion): Refusal {
  // A few are enough to see what went wrong.
  const answered = responses.slice(0, 4).map(({ certId }) => `${certId.serialNumber} (${certId.hashAlgorithm})`);
  return new Refusal('CS-OCSP-005', { serial: certificate.serialNumber, answered });
}

/**
 * Signed in the future, by another clock or by a liar; or when the certificate had expired, of which a responder need know nothing any more and then
 * answers "good", unless archiveCutoff says that it does (4.4.4).
 */
function requireProduced(basic: BasicOcspResponse, question: OcspQuestion): void {
  const { at, toleranceMs = defaultOcspToleranceMs } = question;
  if (basic.producedAt > at + toleranceMs) throw untimely('producedAt is in the future', basic, undefined, question);
}

function isArchived({ archiveCutoff }: SingleResponse, basic: BasicOcspResponse, question: OcspQuestion): boolean {
  const { notAfter } = question.certificate;
  return basic.producedAt <= notAfter || (archiveCutoff !== undefined && archiveCutoff <= notAfter);
}

/** Those in time; where none is, why the first is not. */
function inTime(
  about: readonly SingleResponse[],
  basic: BasicOcspResponse,
  question: OcspQuestion,
): readonly SingleResponse[] {
  const current = about.filter((single) => brokenTime(single, basic, question) === undefined);
  const [first] = about;
  if (current.length > 0 || first === undefined) return current;
  throw untimely(brokenTime(first, basic, question) ?? '', basic, first, question);
}

function brokenTime(single: SingleResponse, basic: BasicOcspResponse, question: OcspQuestion): string | undefined {
  const { thisUpdate, nextUpdate, certStatus } = single;
  const { at, toleranceMs = defaultOcspToleranceMs, mostAgeMs = defaultOcspAgeMs } = question;
  if (thisUpdate > at + toleranceMs) return 'thisUpdate is in the future';
  if (nextUpdate !== undefined && nextUpdate < at - toleranceMs) return 'nextUpdate is past';
  if (thisUpdate < at - mostAgeMs) return `thisUpdate is more than ${String(Math.round(mostAgeMs / 1000))} s ago`;
  if (certStatus.status === 'good' && !isArchived(single, basic, question)) {
    return 'produced when the certificate had expired, without an archiveCutoff before that';
  }
  return undefined;
}

function untimely(
  rule: string,
  basic: BasicOcspResponse,
  single: SingleResponse | undefined,
  { certificate, at }: OcspQuestion,
): Refusal {
  const time = (ms: number | undefined): string => (ms === undefined ? 'none' : toRfc3339(ms));
  return new Refusal('CS-OCSP-006', {
    serial: certificate.serialNumber,
    rule,
    at: toRfc3339(at),
    thisUpdate: time(single?.thisUpdate),
    nextUpdate: time(single?.nextUpdate),
    producedAt: time(basic.producedAt),
  });
}

function said(
  { certStatus, thisUpdate, nextUpdate }: SingleResponse,
  { producedAt }: BasicOcspResponse,
  responder: OcspResponder,
  { certificate, mostAgeMs = defaultOcspAgeMs }: OcspQuestion,
): Exclude<OcspAnswer, { status: 'undetermined' }> {
  const ends = [thisUpdate + mostAgeMs, nextUpdate ?? Number.POSITIVE_INFINITY];
  if (responder.kind !== 'issuer') ends.push(responder.certificate.notAfter);
  const evidence: OcspEvidence = { responder, thisUpdate, nextUpdate, producedAt, freshUntil: Math.min(...ends) };
  switch (certStatus.status) {
    case 'good':
      return { status: 'good', ...evidence };
    case 'revoked':
      return { status: 'revoked', revokedAt: certStatus.revocationTime, reason: certStatus.reason, ...evidence };
    case 'unknown': {
      const { serialNumber: serial } = certificate;
      return {
        status: 'unknown',
        refusal: new Refusal('CS-OCSP-009', { serial, responder: responderName(responder) }),
        ...evidence,
      };
    }
  }
}

const severity = { good: 0, unknown: 1, revoked: 2 } as const;

/** Of several about one certificate the worst counts: no standard says which, and a good one takes nothing back. */
function worst<One extends { readonly status: keyof typeof severity }>(answers: readonly One[]): One {
  const [first, ...others] = answers;
  if (first === undefined) throw new TypeError('at least one');
  return others.reduce((one, other) => (severity[other.status] > severity[one.status] ? other : one), first);
}
