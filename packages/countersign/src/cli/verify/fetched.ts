/** Revocation lists and OCSP answers that `verify` fetches, within the bounds of an endpoint. */
import { fromHex } from '../../ground/encoding/index.ts';
import { isRefusal, Refusal } from '../../ground/errors/index.ts';
import {
  encodeCertId,
  encodeOcspRequest,
  encodeTbsRequest,
  type ExaminedPath,
  type OcspResponse,
  parseOcspResponse,
} from '../../identity/x509/index.ts';
import { certIdHash } from '../../runtime/cryptography/index.ts';
import { type PrivateRanges, retrieve, type RetrieveRequest } from '../../traffic/revocation-sources/index.ts';
import type { World } from '../call.ts';
import { UnreadableHelp } from './load-certificates.ts';

/** For one answer; a list may be large. Own choices, as an endpoint's. */
const [listTimeoutMs, answerTimeoutMs] = [30_000, 5_000];

/** Octets: answers have 0.3 to 5 KB. */
const mostAnswerBytes = 64 * 1024;

export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** @throws CS-USAGE-003 for what is not http: what is fetched is signed, and nothing else is asked for */
export function requireHttp(option: string, text: string): void {
  if (/^http:\/\//i.test(text) && URL.canParse(text)) return;
  throw new Refusal('CS-USAGE-003', {
    option,
    value: text,
    expected: 'a file, or an address that begins with http://',
  });
}

export interface Fetching {
  readonly world: World;
  readonly privateRanges: PrivateRanges;
}

export function fetchList(url: string, mostBytes: number, fetching: Fetching): Promise<Uint8Array> {
  return fetched({ url, method: 'GET', mostBytes, timeoutMs: listTimeoutMs }, fetching);
}

/** What each of these responders says of each certificate of a valid path. @throws UnreadableHelp */
export async function fetchAnswers(
  urls: readonly string[],
  path: ExaminedPath | undefined,
  fetching: Fetching,
): Promise<readonly OcspResponse[]> {
  if (path === undefined || path.refusal !== undefined) return [];
  const answers: OcspResponse[] = [];
  const { certificates, anchor } = path;
  for (const url of urls)
    for (const [place, certificate] of certificates.entries()) {
      if (certificate === anchor) continue;
      const { publicKey } = certificates[place + 1] ?? anchor;
      const serial = fromHex(certificate.serialNumber) ?? new Uint8Array();
      const certId = encodeCertId({ subject: certificate.issuer, publicKey }, serial, 'SHA-1', (bytes) =>
        certIdHash('SHA-1', bytes),
      );
      const body = encodeOcspRequest(encodeTbsRequest({ certIds: [certId] }));
      answers.push(await answerOf(url, body, fetching));
    }
  return answers;
}

async function answerOf(url: string, body: Uint8Array, fetching: Fetching): Promise<OcspResponse> {
  const headers = { accept: 'application/ocsp-response', 'content-type': 'application/ocsp-request' };
  const asked = { url, method: 'POST', body, headers, mostBytes: mostAnswerBytes, timeoutMs: answerTimeoutMs } as const;
  try {
    return parseOcspResponse(await fetched(asked, fetching));
  } catch (error) {
    if (isRefusal(error)) throw new UnreadableHelp('--ocsp', url, error);
    throw error;
  }
}

async function fetched(
  request: Omit<RetrieveRequest, 'privateRanges' | 'clock'>,
  { world, privateRanges }: Fetching,
): Promise<Uint8Array> {
  const answer = await retrieve({ ...request, privateRanges, clock: world.clock });
  // Nothing is held from before, so nobody was asked whether it still stands.
  if (answer.kind !== 'fetched') throw new TypeError('a whole answer was asked for');
  return answer.body;
}
