/** Certificates and requests for people: the names first, until when, for what, who vouches, then the rest. */
import { parseRfc3339 } from '../../ground/clock/index.ts';
import { formatDuration } from '../text/duration.ts';
import { algorithmWords } from './algorithm-words.ts';
import type { PublicKeyData } from './describe-key.ts';
import { keyWords } from './describe-key.ts';
import type { ExtensionData } from './describe-extensions.ts';
import type { CertificateData, RequestData } from './described.ts';
import { extensionWords, nameWords, purposeWords } from './extension-words.ts';
import { revocationWords } from './revocation-means.ts';
import { indented, octetText, type Row, rowLines } from './rows.ts';

export interface TextOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether octets are shown whole. */
  readonly whole: boolean;
}

export function certificateTitle({ authority, selfIssued, remarks, faults, version }: CertificateData): string {
  const state = remarks[0]?.match(/^(expired|not yet valid)[^,]*/)?.[0];
  const old = version === 3 ? '' : ` of version ${version}`;
  return [
    kindText(authority, selfIssued) + old,
    ...(faults.length === 0 ? [] : ['refused here']),
    ...(state === undefined ? [] : [state]),
  ].join(', ');
}

function kindText(authority: boolean, selfIssued: boolean): string {
  return authority ? (selfIssued ? "an authority's root certificate" : "an authority's certificate") : 'certificate';
}

export function certificateLines(data: CertificateData, { now, whole }: TextOptions): string[] {
  return [
    ...rowLines([
      ['names', namesText(data)],
      ['subject', data.subject === '' ? 'empty' : data.subject],
      ['valid', validity(data, now)],
      ['for', purposes(data)],
      ['authority', authorityText(data)],
      ['issuer', [issuerText(data), ...chainText(data)]],
      ...revocationRow(data),
      ['serial', data.serial],
      ...keyRows(data.publicKey, whole),
      ['signature', [algorithmWords(data.signatureAlgorithm), octetText(data.signature, whole)]],
    ]),
    ...extensionLines(data.extensions, whole),
    ...rowLines([
      ['version', String(data.version)],
      ['SHA-256', data.sha256],
      ['x5t#S256', data.thumbprint],
    ]),
  ];
}

function revocationRow({ revocation }: CertificateData): Row[] {
  return revocation === null ? [] : [['revoked', revocationWords(revocation)]];
}

export function requestLines(data: RequestData, { whole }: TextOptions): string[] {
  return [
    ...rowLines([
      ['names', namesText(data)],
      ['subject', data.subject === '' ? 'empty' : data.subject],
      ...keyRows(data.publicKey, whole),
      [
        'signature',
        [
          `${algorithmWords(data.signatureAlgorithm)}, ${data.signedByItsKey ? 'by the key inside' : 'NOT by the key inside'}`,
          octetText(data.signature, whole),
        ],
      ],
    ]),
    ...extensionLines(data.extensions, whole, 'asks for'),
    ...rowLines([['SHA-256', data.sha256]]),
  ];
}

/** The names as the extension tells them: with what kinds that few know hold. */
function namesText({ subjectAltName, extensions }: CertificateData | RequestData): string[] {
  const told = extensions.find((one) => one.name === 'subjectAltName')?.decoded ?? undefined;
  const names = nameWords((told as typeof subjectAltName | undefined) ?? subjectAltName);
  // One a line as long as a person takes them in at a glance.
  return names.length === 0 ? ['none'] : names.length <= 12 ? names : [names.join(', ')];
}

function validity({ notBefore, notAfter }: CertificateData, now: number): string[] {
  const [from, until] = [parseRfc3339(notBefore) ?? 0, parseRfc3339(notAfter) ?? 0];
  // notAfter is inclusive of its final second (RFC 5280, 4.1.2.5).
  const left = until + 1000 - now;
  const state =
    now < from
      ? `begins in ${formatDuration(from - now)}`
      : left > 0
        ? `${formatDuration(left)} left`
        : `EXPIRED ${formatDuration(-left)} ago`;
  // "No well-defined expiration date" (RFC 5280, 4.1.2.5).
  if (notAfter === '9999-12-31T23:59:59Z') return [`since ${notBefore}, without an end`];
  return [`until ${notAfter} (${state})`, `from  ${notBefore} (${formatDuration(until + 1000 - from)} in all)`];
}

function purposes({ authority, keyUsage, extendedKeyUsage }: CertificateData): string {
  if (extendedKeyUsage !== null) return extendedKeyUsage.map(purposeWords).join(', ');
  if (authority && keyUsage !== null) return 'whatever its certificates are for';
  return 'any purpose: it names none';
}

function authorityText({ authority, pathLength, version }: CertificateData): string {
  // basicConstraints came with version 3; before, whoever trusted such a certificate had to know.
  if (version < 3) return `it cannot say: version ${version} has no extensions`;
  if (!authority) return 'no';
  if (pathLength === null) return 'yes';
  return pathLength === 0 ? 'yes, of end-entities alone' : `yes, with at most ${pathLength} below it`;
}

function issuerText({ issuer, selfSigned }: CertificateData): string {
  return selfSigned ? `${issuer} (itself)` : issuer;
}

/** Where it stands among other certificates: one that signed itself needs no other. */
function chainText({ issuedBy, selfSigned }: CertificateData): string[] {
  if (issuedBy === undefined || selfSigned) return [];
  const { index, next } = issuedBy;
  if (next === true) return ['issued by the next certificate, whose key verifies the signature'];
  if (index !== null)
    return [`issued by number ${index + 1} here${next === null ? '' : ', NOT by the next certificate'}`];
  return next === false ? ['NOT issued by the next certificate, nor by another one here'] : [];
}

export function keyRows(key: PublicKeyData, whole: boolean): Row[] {
  const exponent = key.exponent === null || key.exponent === '65537' ? '' : `, exponent ${key.exponent}`;
  return [
    ['key', `${keyWords(key)}${exponent}`],
    ['  SHA-256', key.sha256],
    ['  SPKI pin', key.pin],
    ['  octets', whole ? octetText(key.octets, true) : undefined],
  ];
}

export function extensionLines(
  extensions: readonly ExtensionData[],
  whole: boolean,
  label: string = 'extensions',
): string[] {
  if (extensions.length === 0) return rowLines([[label, 'none']]);
  const critical = extensions.filter((one) => one.critical).length;
  const count = `${extensions.length}${critical === 0 ? '' : `, ${critical} of them critical`}`;
  return [
    ...rowLines([[label, count]]),
    ...extensions.flatMap((one) => {
      const title = `${one.name ?? one.oid}${one.critical ? ' (critical)' : ''}:`;
      // The names stand at the top.
      const words =
        one.name === 'subjectAltName' && one.decoded !== null ? ['the names above'] : extensionWords(one, whole);
      if (words.length === 1) return indented(`${title} ${words[0] ?? ''}`, 5, 7);
      return [...indented(title, 5), ...words.flatMap((line) => indented(line, 7, 9))];
    }),
  ];
}
