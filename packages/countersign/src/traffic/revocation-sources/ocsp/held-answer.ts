/** An OCSP answer that was found to hold when it came: until when it may be used, and which of two is. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { checkOcspResponse, type OcspAnswer } from '../../../identity/revocation/index.ts';
import { type OcspResponse, parseOcspResponse } from '../../../identity/x509/index.ts';
import { certIdHash, verifySignature } from '../../../runtime/cryptography/index.ts';
import type { AskingSettings } from './ocsp-options.ts';
import type { OcspSubject } from './ocsp-subject.ts';

export type UsableAnswer = Exclude<OcspAnswer, { readonly status: 'undetermined' }>;

export interface HeldAnswer {
  readonly answer: UsableAnswer;
  readonly means: 'ocsp' | 'staple';
  /** The responder's address, or "staple". */
  readonly source: string;
  /** DER, as it came. */
  readonly bytes: Uint8Array;
  /** Milliseconds since 1970, as is `end`: until when it may be relied upon, the tolerance of clocks included. */
  readonly heldSince: number;
  readonly end: number;
}

/** What came and may not be relied upon. */
export interface AnswerFault {
  readonly refusal: Refusal;
  /** It names the certificate as revoked all the same. */
  readonly saysRevoked: boolean;
}

export type Judged = HeldAnswer | AnswerFault;

export function isFault(judged: Judged): judged is AnswerFault {
  return 'refusal' in judged;
}

/** Octets. Own choice: answers have 0.3 to 5 KB, with the certificates of a responder and post-quantum signatures. */
export const mostAnswerBytes: number = 64 * 1024;

/** An answer without nextUpdate says that newer ones are there all the time (RFC 6960, 4.2.2.1): own choice of how long it is still used. */
const withoutEndMs = 5 * 60_000;

export interface Arrival {
  readonly means: 'ocsp' | 'staple';
  readonly source: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Lower-case hexadecimal digits, where the request had one. */
  readonly nonce?: string | undefined;
}

/** Never throws for what came. */
export function judgeAnswer(
  bytes: Uint8Array,
  subject: OcspSubject,
  arrival: Arrival,
  settings: AskingSettings,
): Judged {
  const response = parsed(bytes);
  if (isRefusal(response)) return { refusal: response, saysRevoked: false };
  const { certificate, issuer } = subject;
  const { toleranceMs, mostAgeMs, trustedResponders } = settings;
  const { at, nonce } = arrival;
  const answer = checkOcspResponse({
    certificate,
    issuer,
    response,
    at,
    toleranceMs,
    mostAgeMs,
    trustedResponders,
    nonce: nonce === undefined ? undefined : { hex: nonce, required: true },
    verifySignature,
    hash: certIdHash,
  });
  if (answer.status === 'undetermined') {
    return { refusal: answer.refusal, saysRevoked: saysRevoked(response, subject) };
  }
  const { means, source } = arrival;
  return { answer, means, source, bytes, heldSince: at, end: endOf(answer, arrival, settings) };
}

function parsed(bytes: Uint8Array): OcspResponse | Refusal {
  try {
    if (bytes.length > mostAnswerBytes) throw new Refusal('CS-OCSP-001', { rule: `longer than ${mostAnswerBytes}` });
    return parseOcspResponse(bytes);
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

function saysRevoked(response: OcspResponse, { certificate: { serialNumber } }: OcspSubject): boolean {
  if (response.status !== 'successful') return false;
  return response.basic.responses.some(
    ({ certId, certStatus }) => certId.serialNumber === serialNumber && certStatus.status === 'revoked',
  );
}

/** The same tolerances as when it came: an answer that is taken is not out of date in the same moment. */
function endOf(
  { thisUpdate, nextUpdate, responder }: UsableAnswer,
  { means, at }: Arrival,
  { toleranceMs, mostAgeMs }: AskingSettings,
): number {
  const ends = [thisUpdate + mostAgeMs];
  if (nextUpdate !== undefined) ends.push(nextUpdate + toleranceMs);
  // A staple that has no end may have been kept by its sender for days: it is young by its own words alone.
  else ends.push((means === 'staple' ? thisUpdate : at) + withoutEndMs);
  if (responder.kind !== 'issuer') ends.push(responder.certificate.notAfter + toleranceMs);
  return Math.min(...ends);
}

/** Why it may not be used at a moment, or `undefined`. */
export function timeFault({ answer, end }: HeldAnswer, at: number, toleranceMs: number): string | undefined {
  // The clock was set back: what it says of any time is not known.
  if (answer.thisUpdate > at + toleranceMs) return 'thisUpdate is in the future';
  return at > end ? 'it has run out' : undefined;
}

export function untimely({ answer }: HeldAnswer, { certificate }: OcspSubject, at: number, rule: string): Refusal {
  const { thisUpdate, nextUpdate, producedAt } = answer;
  return new Refusal('CS-OCSP-006', {
    serial: certificate.serialNumber,
    rule,
    at: toRfc3339(at),
    thisUpdate: toRfc3339(thisUpdate),
    nextUpdate: nextUpdate === undefined ? 'none' : toRfc3339(nextUpdate),
    producedAt: toRfc3339(producedAt),
  });
}

const severity = { good: 0, unknown: 1, revoked: 2 } as const;

/**
 * Whether `one` is used in place of `held`: never one that is older, which somebody may have kept, unless all that is lost is a good one that ran out.
 * @param at milliseconds since 1970
 */
export function replaces(one: HeldAnswer, held: HeldAnswer | undefined, at: number): boolean {
  if (held === undefined) return true;
  const [a, b] = [one.answer, held.answer];
  if (a.thisUpdate !== b.thisUpdate) return a.thisUpdate > b.thisUpdate || (b.status === 'good' && at > held.end);
  if (severity[a.status] !== severity[b.status]) return severity[a.status] > severity[b.status];
  return a.producedAt > b.producedAt || one.end > held.end;
}
