/** OCSP messages for people. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { formatDuration } from '../text/duration.ts';
import { algorithmWords } from './algorithm-words.ts';
import { extensionLines, type TextOptions } from './certificate-text.ts';
import type {
  CertIdData,
  CertificateSummary,
  OcspRequestData,
  OcspResponseData,
  SingleResponseData,
} from './described.ts';
import { nameWords } from './extension-words.ts';
import { octetText, type Row, rowLines } from './rows.ts';
import { exposureWords } from './worst-exposure.ts';

export function ocspRequestLines(data: OcspRequestData, { whole }: TextOptions): string[] {
  return [
    ...rowLines([
      ...data.requests.map((one): Row => ['asks about', idText(one)]),
      ['from', data.requestorName === null ? undefined : nameWords(data.requestorName)],
      ['nonce', data.nonce ?? 'none'],
      [
        'signature',
        data.signature === null
          ? 'none'
          : [algorithmWords(data.signatureAlgorithm ?? ''), octetText(data.signature, whole)],
      ],
      ...data.certificates.map(comesWith),
    ]),
    ...extensionLines(data.extensions, whole),
    ...rowLines([['SHA-256', data.sha256]]),
  ];
}

export function ocspResponseLines(data: OcspResponseData, { now, whole }: TextOptions): string[] {
  if (data.status !== 'successful')
    return rowLines([
      ['status', data.status],
      ['SHA-256', data.sha256],
    ]);
  return [
    ...data.responses.flatMap((one) => [
      ...rowLines([
        ['status', statusText(one)],
        ['of', idText(one)],
        ['valid', validity(one, now)],
        ['exposure', one.status === 'revoked' ? undefined : exposureWords(one.worstSeconds)],
        ['kept since', one.archiveCutoff],
      ]),
      ...(one.extensions.length === 0 ? [] : extensionLines(one.extensions, whole)),
    ]),
    ...rowLines([
      ['responder', data.responder],
      ['produced', data.producedAt],
      ['nonce', data.nonce ?? 'none'],
      ['signature', [algorithmWords(data.signatureAlgorithm ?? ''), octetText(data.signature ?? '', whole)]],
      ...data.certificates.map(comesWith),
    ]),
    ...extensionLines(data.extensions, whole),
    ...rowLines([['SHA-256', data.sha256]]),
  ];
}

function idText({ serial, hashAlgorithm, issuerNameHash, issuerKeyHash }: CertIdData): string[] {
  return [
    `serial ${serial}`,
    `issuer's name ${hashAlgorithm} ${issuerNameHash}`,
    `issuer's key ${hashAlgorithm} ${issuerKeyHash}`,
  ];
}

function statusText({ status, revocationTime, reason }: SingleResponseData): string {
  if (status === 'good') return 'good: not revoked';
  if (status === 'unknown') return 'UNKNOWN to the responder';
  return `REVOKED ${revocationTime ?? ''}${reason === null ? '' : `, ${reason}`}`;
}

function validity({ thisUpdate, nextUpdate }: SingleResponseData, now: number): string[] {
  const from = `from  ${thisUpdate}`;
  if (nextUpdate === null) return ['until there is a newer answer', from];
  const left = (parseRfc3339(nextUpdate) ?? 0) - now;
  const state = left > 0 ? `${formatDuration(left)} left` : `STALE for ${formatDuration(-left)}`;
  return [`until ${nextUpdate} (${state})`, from];
}

function comesWith({ subject, notAfter, sha256 }: CertificateSummary): Row {
  return [
    'certificate',
    subject === null ? `one that cannot be read, SHA-256 ${sha256}` : `${subject}, until ${notAfter ?? ''}`,
  ];
}
