/** A revocation list as data. */
import { toRfc3339 } from '../../ground/clock/index.ts';
import { toHex } from '../../ground/encoding/index.ts';
import {
  type CertificateList,
  crlExtensionOids,
  parseCertificateList,
  type RevokedCertificate,
  sameName,
} from '../../identity/x509/index.ts';
import { sha256Hex } from '../../runtime/cryptography/index.ts';
import { formatDuration } from '../text/duration.ts';
import { signatureRemark } from './certificate-remarks.ts';
import { describeExtensions } from './describe-extensions.ts';
import type { RevocationListData, RevokedData } from './described.ts';
import { allNames } from './plain-names.ts';
import { worstExposure } from './worst-exposure.ts';

export function describeRevocationList(bytes: Uint8Array, now: number): RevocationListData {
  const list = parseCertificateList(bytes);
  const revoked = [...list.revoked].map((entry) => describeEntry(entry, list));
  return {
    kind: 'revocation-list',
    version: list.version,
    issuer: list.issuer.text,
    thisUpdate: toRfc3339(list.thisUpdate),
    nextUpdate: time(list.nextUpdate),
    worstSeconds: worstExposure(list.thisUpdate, list.nextUpdate),
    crlNumber: list.crlNumber ?? null,
    baseCrlNumber: list.baseCrlNumber ?? null,
    authorityKeyIdentifier: list.authorityKeyIdentifier?.keyIdentifier ?? null,
    covers: coverage(list),
    entries: revoked.length,
    revoked,
    signatureAlgorithm: list.signatureAlgorithm,
    signature: toHex(list.signature),
    extensions: describeExtensions(list.extensions, ownExtensions(list)),
    sha256: sha256Hex(bytes),
    remarks: remarks(list, now),
  };
}

function describeEntry(entry: RevokedCertificate, { issuer }: CertificateList): RevokedData {
  const { serialNumber, certificateIssuer, revocationDate, reason, invalidityDate, holdInstruction } = entry;
  const own = certificateIssuer.some((name) => sameName(name, issuer));
  return {
    serial: serialNumber,
    revocationDate: toRfc3339(revocationDate),
    reason: reason ?? null,
    invalidityDate: time(invalidityDate),
    holdInstruction: holdInstruction ?? null,
    certificateIssuer: own ? null : certificateIssuer.map(({ text }) => text),
  };
}

function time(ms: number | undefined): string | null {
  return ms === undefined ? null : toRfc3339(ms);
}

/** In words, from the issuing distribution point; none: everything of its issuer. */
function coverage({ issuingDistributionPoint: point }: CertificateList): string[] {
  if (point === undefined) return [];
  const { distributionPoint: where } = point;
  const place = where === undefined ? [] : where.kind === 'full' ? allNames(where.names) : [where.name.text];
  return [
    ...(point.onlyContainsUserCerts ? ['end-entity certificates alone'] : []),
    ...(point.onlyContainsCACerts ? ["authorities' certificates alone"] : []),
    ...(point.onlyContainsAttributeCerts ? ['attribute certificates alone'] : []),
    ...(point.onlySomeReasons === undefined ? [] : [`revoked for ${point.onlySomeReasons.join(', ')}`]),
    ...(point.indirectCRL ? ['certificates of other issuers, too'] : []),
    ...(place.length === 0 ? [] : [`those that name it as ${place.join(', ')}`]),
  ];
}

/** The numbers of a list are hexadecimal digits here, as serial numbers are. */
function ownExtensions(list: CertificateList): ReadonlyMap<string, { name: string; decoded: unknown }> {
  return new Map<string, { name: string; decoded: unknown }>([
    [crlExtensionOids.crlNumber, { name: 'cRLNumber', decoded: list.crlNumber ?? null }],
    [crlExtensionOids.deltaCrlIndicator, { name: 'deltaCRLIndicator', decoded: list.baseCrlNumber ?? null }],
    [crlExtensionOids.issuingDistributionPoint, { name: 'issuingDistributionPoint', decoded: coverage(list) }],
    [crlExtensionOids.expiredCertsOnCrl, { name: 'expiredCertsOnCRL', decoded: time(list.expiredCertsOnCrl) }],
  ]);
}

function remarks(list: CertificateList, now: number): string[] {
  const { nextUpdate, thisUpdate } = list;
  const stale = nextUpdate !== undefined && now >= nextUpdate;
  return [
    now < thisUpdate ? `not yet in force: begins in ${formatDuration(thisUpdate - now)}` : undefined,
    stale
      ? `stale: a newer one was due ${formatDuration(now - nextUpdate)} ago; who relies on it must refuse`
      : undefined,
    nextUpdate === undefined ? 'does not say how long it holds (RFC 5280, 5.1.2.5)' : undefined,
    signatureRemark(list.signatureAlgorithm, false),
    list.version === 1 ? 'of version 1: it cannot say why, nor what it covers' : undefined,
    list.baseCrlNumber === undefined ? undefined : `changes alone (delta) to the list of number ${list.baseCrlNumber}`,
    ...list.unprocessedCritical.map(
      (oid) => `the critical extension ${oid} is not known here: the list must not be used`,
    ),
  ].filter((remark) => remark !== undefined);
}
