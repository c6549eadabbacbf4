/** One question to the responder by GET, and its answer, checked. */
import { fromHex } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import { checkOcspResponse, type OcspAnswer } from '../../identity/revocation/index.ts';
import {
  type Certificate,
  type CertIdHash,
  encodeCertId,
  encodeOcspRequest,
  encodeTbsRequest,
  parseOcspResponse,
} from '../../identity/x509/index.ts';
import { certIdHash, verifySignature } from '../../runtime/cryptography/index.ts';

export interface OcspAsk {
  /** Of the responder, without a slash at the end. */
  readonly url: string;
  readonly issuer: Certificate;
  readonly serialNumber: string;
  /** Milliseconds since 1970. */
  readonly notAfterMs: number;
  readonly hash: CertIdHash;
  readonly at: number;
}

export interface Answered {
  readonly bytes: Uint8Array;
  readonly answer: OcspAnswer;
}

const timeoutMs = 10_000;

/** Octets. Own choice: a response of ours has 1 KB. */
const mostOctets = 64 * 1024;

/** In base64, as RFC 6960 (A.1) wants it in a path; the slashes in it are not escaped here. */
export function ocspPath(issuer: Certificate, serialNumber: string, hash: CertIdHash): string {
  const octets = fromHex(serialNumber) ?? new Uint8Array();
  const certId = encodeCertId(issuer, octets, hash, (bytes) => certIdHash(hash, bytes));
  return Buffer.from(encodeOcspRequest(encodeTbsRequest({ certIds: [certId] }))).toString('base64');
}

export async function askResponder(ask: OcspAsk): Promise<Answered> {
  const { url, issuer, serialNumber, notAfterMs, hash, at } = ask;
  const bytes = await get(`${url}/${encodeURIComponent(ocspPath(issuer, serialNumber, hash))}`);
  const certificate = { serialNumber, issuer: issuer.subject, notAfter: notAfterMs };
  const response = parseOcspResponse(bytes);
  return { bytes, answer: checkOcspResponse({ certificate, issuer, response, at, verifySignature, hash: certIdHash }) };
}

async function get(url: string): Promise<Uint8Array> {
  const unreached = (why: string, cause?: unknown): Refusal =>
    new Refusal('CS-OCSP-010', { url: url.slice(0, url.lastIndexOf('/')), why }, { cause });
  try {
    const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) });
    if (response.status !== 200) throw unreached(`it answered ${String(response.status)}`);
    if (Number(response.headers.get('content-length') ?? Infinity) > mostOctets)
      throw unreached('its answer is too long');
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    if (isRefusal(error)) throw error;
    const { cause = error } = error as Error;
    throw unreached(cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause), error);
  }
}
