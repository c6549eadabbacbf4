/** Revocation lists for people: whose, until when, what it covers, who is on it. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { formatDuration } from '../text/duration.ts';
import { algorithmWords } from './algorithm-words.ts';
import { extensionLines, type TextOptions } from './certificate-text.ts';
import type { RevocationListData, RevokedData } from './described.ts';
import { indented, octetText, rowLines } from './rows.ts';
import { exposureWords } from './worst-exposure.ts';

/** Entries that a person reads; --json has all. */
const mostShown = 100;

export function revocationListLines(data: RevocationListData, { now, whole }: TextOptions): string[] {
  return [
    ...rowLines([
      ['issuer', data.issuer],
      ['valid', validity(data, now)],
      ['exposure', exposureWords(data.worstSeconds)],
      ['number', numbers(data)],
      ['covers', data.covers.length === 0 ? 'all certificates of its issuer' : data.covers],
      ['revoked', data.entries === 0 ? 'nobody' : count(data.entries)],
    ]),
    ...data.revoked.slice(0, mostShown).flatMap((entry) => indented(entryText(entry), 5, 7)),
    ...(data.entries > mostShown ? [`     and ${data.entries - mostShown} more; --json lists them all`] : []),
    ...rowLines([['signature', [algorithmWords(data.signatureAlgorithm), octetText(data.signature, whole)]]]),
    ...extensionLines(data.extensions, whole),
    ...rowLines([
      ['version', String(data.version)],
      ['SHA-256', data.sha256],
    ]),
  ];
}

function validity({ thisUpdate, nextUpdate }: RevocationListData, now: number): string[] {
  const from = `from  ${thisUpdate}`;
  if (nextUpdate === null) return ['until it does not say', from];
  const left = (parseRfc3339(nextUpdate) ?? 0) - now;
  const state = left > 0 ? `${formatDuration(left)} left` : `STALE for ${formatDuration(-left)}`;
  return [`until ${nextUpdate} (${state})`, from];
}

function numbers({ crlNumber, baseCrlNumber }: RevocationListData): string | undefined {
  if (crlNumber === null) return undefined;
  return baseCrlNumber === null ? crlNumber : `${crlNumber}, changes to ${baseCrlNumber}`;
}

function count(entries: number): string {
  return `${entries} certificate${entries === 1 ? '' : 's'}`;
}

function entryText({
  serial,
  revocationDate,
  reason,
  invalidityDate,
  holdInstruction,
  certificateIssuer,
}: RevokedData): string {
  return [
    `${serial} ${revocationDate}`,
    ...(reason === null ? [] : [reason]),
    ...(invalidityDate === null ? [] : [`not to be trusted since ${invalidityDate}`]),
    ...(holdInstruction === null ? [] : [`instruction ${holdInstruction}`]),
    ...(certificateIssuer === null ? [] : [`issued by ${certificateIssuer.join(', ')}`]),
  ].join(' ');
}
