/** One question to a responder and its answer, judged (RFC 6960, appendix A.1; RFC 5019). */
import { fromHex, toHex } from '../../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../../ground/errors/index.ts';
import { encodeCertId, encodeOcspRequest, encodeTbsRequest, nonceExtension } from '../../../identity/x509/index.ts';
import { certIdHash, randomBytes } from '../../../runtime/cryptography/index.ts';
import { type AnswerFault, type HeldAnswer, isFault, judgeAnswer, mostAnswerBytes } from './held-answer.ts';
import type { AskingSettings } from './ocsp-options.ts';
import type { OcspRetrieval } from './ocsp-retriever.ts';
import type { OcspSubject } from './ocsp-subject.ts';

/** Octets of the whole address, its scheme and host included, up to which a request goes by GET (RFC 5019, 5). */
const longestGet = 255;

/** RFC 9654, 2.1. */
const nonceOctets = 32;

export type Asked =
  | { readonly kind: 'answered'; readonly held: HeldAnswer }
  /** `ofResponder`: it would have failed for any certificate. */
  | ({ readonly kind: 'failed'; readonly ofResponder: boolean } & AnswerFault);

/** Rejects for nothing that the other side does. */
export async function askResponder(
  url: string,
  subject: OcspSubject,
  settings: AskingSettings,
  signal: AbortSignal,
): Promise<Asked> {
  const nonce = settings.nonce ? randomBytes(nonceOctets) : undefined;
  let bytes: Uint8Array;
  try {
    bytes = await settings.retrieve(retrieval(url, subject, nonce, settings, signal));
  } catch (error) {
    const refusal = isRefusal(error)
      ? error
      : new Refusal('CS-OCSP-010', { url, why: String(error) }, { cause: error });
    return { kind: 'failed', ofResponder: isOfResponder(refusal), refusal, saysRevoked: false };
  }
  const arrival = {
    means: 'ocsp',
    source: url,
    at: settings.clock.now(),
    nonce: nonce === undefined ? undefined : toHex(nonce),
  } as const;
  const judged = judgeAnswer(bytes, subject, arrival, settings);
  if (!isFault(judged)) return { kind: 'answered', held: judged };
  return { kind: 'failed', ofResponder: isOfResponder(judged.refusal), ...judged };
}

/** Of one certificate alone are: an answer that is not about it, not signed right, not of this time, and HTTP's 4xx of a folder of answers. */
function isOfResponder({ code, evidence }: Refusal): boolean {
  if (code === 'CS-OCSP-002') return evidence['status'] === 'tryLater' || evidence['status'] === 'internalError';
  if (code === 'CS-FETCH-004') return Number(evidence['status']) >= 500 || Number(evidence['status']) === 429;
  return code === 'CS-OCSP-010' || code.startsWith('CS-FETCH-');
}

function retrieval(
  url: string,
  { certificate, issuer }: OcspSubject,
  nonce: Uint8Array | undefined,
  settings: AskingSettings,
  signal: AbortSignal,
): OcspRetrieval {
  const { hash, method, perFetchTimeoutMs, privateRanges, clock } = settings;
  const serial = fromHex(certificate.serialNumber) ?? new Uint8Array();
  // The issuer's name as the certificate has it, as it is looked for in the answer.
  const named = { subject: certificate.issuer, publicKey: issuer.publicKey };
  const certId = encodeCertId(named, serial, hash, (bytes) => certIdHash(hash, bytes));
  const body = encodeOcspRequest(
    encodeTbsRequest({ certIds: [certId], ...(nonce === undefined ? {} : { extensions: [nonceExtension(nonce)] }) }),
  );
  const bounds = { mostBytes: mostAnswerBytes, timeoutMs: perFetchTimeoutMs, privateRanges, clock, signal };
  const headers = { accept: 'application/ocsp-response' };
  const byGet = getUrl(url, body);
  // No cache can answer a nonce.
  if (method === 'auto' && nonce === undefined && byGet !== undefined) {
    return { url: byGet, method: 'GET', headers, ...bounds };
  }
  return { url, method: 'POST', body, headers: { ...headers, 'content-type': 'application/ocsp-request' }, ...bounds };
}

function getUrl(url: string, request: Uint8Array): string | undefined {
  if (url.includes('?') || url.includes('#')) return undefined;
  const path = encodeURIComponent(Buffer.from(request).toString('base64'));
  const whole = url.endsWith('/') ? url + path : `${url}/${path}`;
  return whole.length > longestGet ? undefined : whole;
}
