/** One object of an input for people: its title, what is odd about it, and all that it says. */
import type { Paint } from '../output/paint.ts';
import { certificateLines, certificateTitle, keyRows, requestLines, type TextOptions } from './certificate-text.ts';
import type { Described, Pkcs12Data, PrivateKeyData } from './described.ts';
import { revocationListLines } from './list-text.ts';
import { ocspRequestLines, ocspResponseLines } from './ocsp-text.ts';
import { indented, rowLines } from './rows.ts';
import { serverLines } from './server-text.ts';

export function objectTitle(object: Described): string {
  switch (object.kind) {
    case 'certificate':
      return certificateTitle(object);
    case 'request':
      return 'certification request';
    case 'revocation-list':
      return 'revocation list (CRL)';
    case 'ocsp-request':
      return 'OCSP request';
    case 'ocsp-response':
      return 'OCSP response';
    case 'private-key':
      return 'private key (contents not shown)';
    case 'public-key':
      return 'public key';
    case 'key-parameters':
      return 'parameters of a key';
    case 'pkcs12':
      return 'PKCS#12 file';
    case 'server':
      return 'TLS server';
  }
}

export function objectText(object: Described, options: TextOptions, paint: Paint): string {
  const remarks = remarksOf(object).flatMap((remark) => indented(`! ${remark}`, 3, 5));
  const place = rowLines([['called', object.friendlyName]]);
  return [...remarks.map((line) => paint.bad(line)), ...place, ...linesOf(object, options)].join('\n');
}

function remarksOf(object: Described): readonly string[] {
  if ('remarks' in object) return object.remarks;
  return 'weak' in object ? (object.weak ?? []) : [];
}

function linesOf(object: Described, options: TextOptions): string[] {
  switch (object.kind) {
    case 'certificate':
      return certificateLines(object, options);
    case 'request':
      return requestLines(object, options);
    case 'revocation-list':
      return revocationListLines(object, options);
    case 'ocsp-request':
      return ocspRequestLines(object, options);
    case 'ocsp-response':
      return ocspResponseLines(object, options);
    case 'private-key':
      return privateKeyLines(object, options);
    case 'public-key':
      return rowLines(keyRows(object.publicKey, options.whole));
    case 'key-parameters':
      return [];
    case 'pkcs12':
      return pkcs12Lines(object);
    case 'server':
      return serverLines(object);
  }
}

function privateKeyLines({ type, usable, publicKey }: PrivateKeyData, { whole }: TextOptions): string[] {
  if (publicKey !== undefined) {
    const not = usable ? undefined : 'no: keys of this kind or size do not sign here';
    return rowLines([...keyRows(publicKey, whole), ['usable here', not]]);
  }
  if (type !== 'encrypted') return rowLines([['key', `${type}: not read here`]]);
  return rowLines([['key', 'encrypted; to see its kind: --passphrase-file FILE, or COUNTERSIGN_PASSPHRASE']]);
}

function pkcs12Lines({ certificates, keys, lists, others, authenticatedBy }: Pkcs12Data): string[] {
  const counted: readonly (readonly [number, string])[] = [
    [keys, 'private key'],
    [certificates, 'certificate'],
    [lists, 'revocation list'],
  ];
  const holds = counted
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`);
  return rowLines([
    ['holds', holds.length === 0 ? 'nothing' : holds.join(', ')],
    ['not read', others.length === 0 ? undefined : others.map((type) => `an object of type ${type}`)],
    ['MAC', authenticatedBy === 'nothing' ? 'none' : authenticatedBy],
  ]);
}
