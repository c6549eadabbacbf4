/** Certificate revocation lists (CRLs; RFC 5280, 5) read from DER. */
import {
  contextConstructed,
  DerReader,
  equalBytes,
  readGeneralizedTime,
  readPositiveIntegerHex,
  readSmallInteger,
  readTime,
  tags,
} from '../../../ground/encoding/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import {
  readSignature,
  readSignatureAlgorithm,
  type SignatureAlgorithm,
  type UnknownAlgorithm,
} from '../algorithms.ts';
import { type DistinguishedName, readName } from '../distinguished-name.ts';
import {
  type AuthorityKeyIdentifier,
  decodeExtension,
  type Extension,
  readAuthorityKeyIdentifier,
  readExtensions,
} from '../extensions.ts';
import { type GeneralNames, readGeneralNames } from '../general-names.ts';
import { type DistributionPoint, readDistributionPoints } from '../extensions/distribution-points.ts';
import { type AccessDescription, readInformationAccess } from '../extensions/information-access.ts';
import { crlExtensionOids } from './extension-oids.ts';
import { type IssuingDistributionPoint, readIssuingDistributionPoint } from './issuing-distribution-point.ts';
import { RevokedCertificates } from './revoked-certificates.ts';

export interface CertificateList {
  readonly raw: Uint8Array;
  /** TBSCertList, DER: what the issuer signed. */
  readonly tbs: Uint8Array;
  readonly version: 1 | 2;
  readonly signatureAlgorithm: SignatureAlgorithm | UnknownAlgorithm;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  /** Milliseconds since 1970, as are the other times. */
  readonly thisUpdate: number;
  /** Absent on a list that does not say how long it holds, although it must (RFC 5280, 5.1.2.5). */
  readonly nextUpdate: number | undefined;
  readonly revoked: RevokedCertificates;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | undefined;
  readonly issuerAltName: GeneralNames | undefined;
  /** Upper-case hexadecimal digits, as is `baseCrlNumber`. */
  readonly crlNumber: string | undefined;
  /** deltaCRLIndicator: the number of the list that this one changes; absent on a complete list. */
  readonly baseCrlNumber: string | undefined;
  readonly issuingDistributionPoint: IssuingDistributionPoint | undefined;
  readonly freshestCrl: readonly DistributionPoint[] | undefined;
  readonly authorityInformationAccess: readonly AccessDescription[] | undefined;
  /** The list keeps certificates that expired from this moment on (X.509, 9.5.2.9). */
  readonly expiredCertsOnCrl: number | undefined;
  readonly extensions: readonly Extension[];
  /** Object identifiers of critical extensions, the entries' too, that are not decoded here; with any, the list must not be used (RFC 5280, 5.2 and 5.3). */
  readonly unprocessedCritical: readonly string[];
}

/** The size above which a list is refused unread: 300,000 entries with serial numbers of 16 octets and reasons weigh 14 MB; the largest lists of public authorities have about 10 MB. */
const mostListBytes = 16 * 1024 * 1024;

/** 20 octets at the most (RFC 5280, 5.2.3). */
const longestNumberDigits = 40;

/** @param mostBytes the size above which a list is refused unread; default 16 MiB */
export function parseCertificateList(der: Uint8Array, mostBytes: number = mostListBytes): CertificateList {
  const steps = certificateListInSteps(der, mostBytes);
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value;
}

/** The same in steps of a few thousand entries, for who has others to serve in between: the list is what is returned at the end. */
export function* certificateListInSteps(
  der: Uint8Array,
  mostBytes: number = mostListBytes,
): Generator<undefined, CertificateList, undefined> {
  const outer = DerReader.over(der, mostBytes);
  const list = outer.enter(tags.sequence);
  outer.finish();
  const tbs = list.element(tags.sequence);
  const algorithm = list.element(tags.sequence);
  const signatureAlgorithm = readSignatureAlgorithm(DerReader.over(algorithm));
  const signature = readSignature(list, signatureAlgorithm);
  list.finish();
  return { raw: der, tbs, signatureAlgorithm, signature, ...(yield* readTbs(tbs, algorithm)) };
}

type TbsContents = Omit<CertificateList, 'raw' | 'tbs' | 'signatureAlgorithm' | 'signature'>;

function* readTbs(tbs: Uint8Array, outerAlgorithm: Uint8Array): Generator<undefined, TbsContents, undefined> {
  const fields = DerReader.over(tbs, tbs.length).enter(tags.sequence);
  const version = readVersion(fields);
  if (!equalBytes(fields.element(tags.sequence), outerAlgorithm)) {
    throw broken('the two signature algorithms differ (5.1.1.2)');
  }
  const issuer = readName(fields);
  if (issuer.isEmpty) throw broken('the issuer is empty (5.1.2.3)');
  const thisUpdate = readTime(fields, 'any year');
  const nextUpdate = timeFollows(fields) ? readTime(fields, 'any year') : undefined;
  if (nextUpdate !== undefined && nextUpdate < thisUpdate) throw broken('nextUpdate is before thisUpdate (5.1.2.5)');
  const revoked = yield* readRevoked(fields, issuer);
  const extensions = readExtensionField(fields);
  fields.finish();
  const known = decodeKnown(extensions, issuer);
  requireAgreement(version, revoked, extensions, known);
  const critical = extensions.filter((extension) => extension.critical && !processed.has(extension.oid));
  return {
    version,
    issuer,
    thisUpdate,
    nextUpdate,
    revoked,
    ...known,
    extensions,
    unprocessedCritical: [...critical.map(({ oid }) => oid), ...revoked.unprocessedCritical],
  };
}

function timeFollows(fields: DerReader): boolean {
  const tag = fields.peek();
  return tag === tags.utcTime || tag === tags.generalizedTime;
}

/** Absent in version 1, and then 1, which means version 2 (RFC 5280, 5.1.2.1). */
function readVersion(fields: DerReader): 1 | 2 {
  if (fields.peek() !== tags.integer) return 1;
  if (readSmallInteger(fields) !== 1) throw broken('a version other than 2 written out (5.1.2.1)');
  return 2;
}

function* readRevoked(
  fields: DerReader,
  issuer: DistinguishedName,
): Generator<undefined, RevokedCertificates, undefined> {
  if (fields.peek() !== tags.sequence) return yield* RevokedCertificates.readInSteps(new Uint8Array(), issuer);
  const revoked = yield* RevokedCertificates.readInSteps(fields.element(tags.sequence), issuer);
  if (revoked.size === 0) throw broken('revokedCertificates is there and empty (5.1.2.6)');
  return revoked;
}

function readExtensionField(fields: DerReader): Extension[] {
  if (fields.done) return [];
  const explicit = fields.enter(contextConstructed(0));
  const extensions = readExtensions(explicit.enter(tags.sequence));
  explicit.finish();
  return extensions;
}

type Known = Pick<
  CertificateList,
  | 'authorityKeyIdentifier'
  | 'issuerAltName'
  | 'crlNumber'
  | 'baseCrlNumber'
  | 'issuingDistributionPoint'
  | 'freshestCrl'
  | 'authorityInformationAccess'
  | 'expiredCertsOnCrl'
>;

const processed: ReadonlySet<string> = new Set(Object.values(crlExtensionOids));

function decodeKnown(extensions: readonly Extension[], issuer: DistinguishedName): Known {
  const decode = <T>(oid: keyof typeof crlExtensionOids, read: (value: DerReader) => T): T | undefined =>
    decodeExtension(extensions, crlExtensionOids[oid], read);
  return {
    authorityKeyIdentifier: decode('authorityKeyIdentifier', readAuthorityKeyIdentifier),
    issuerAltName: decode('issuerAltName', (value) => readGeneralNames(value.enter(tags.sequence))),
    crlNumber: decode('crlNumber', readCrlNumber),
    baseCrlNumber: decode('deltaCrlIndicator', readCrlNumber),
    issuingDistributionPoint: decode('issuingDistributionPoint', (value) =>
      readIssuingDistributionPoint(value, issuer),
    ),
    freshestCrl: decode('freshestCrl', readDistributionPoints),
    authorityInformationAccess: decode('authorityInformationAccess', readInformationAccess),
    expiredCertsOnCrl: decode('expiredCertsOnCrl', readGeneralizedTime),
  };
}

function readCrlNumber(value: DerReader): string {
  const number = readPositiveIntegerHex(value);
  if (number.length > longestNumberDigits) throw broken('cRLNumber longer than 20 octets (5.2.3)');
  return number;
}

/** What the parts of a list ask of each other. */
function requireAgreement(
  version: 1 | 2,
  revoked: RevokedCertificates,
  extensions: readonly Extension[],
  known: Known,
): void {
  if (version === 1 && (revoked.extended || extensions.length > 0)) {
    throw broken('extensions in a list of version 1 (5.1.2.1)');
  }
  if (known.baseCrlNumber === undefined && revoked.removes) {
    throw broken('removeFromCRL in a list that is no delta (5.3.1)');
  }
  if (known.issuingDistributionPoint?.indirectCRL !== true && revoked.namesIssuers) {
    throw broken('certificateIssuer in a list that is not indirect (5.3.3)');
  }
}

function broken(rule: string): Refusal {
  return new Refusal('CS-CRL-001', { rule });
}
