/** Where a certificate says that its lists are: its distribution points with their names whole, and the one that each certificate has. */
import { DerReader, encodeOid, encodeSequence, encodeSetOf, tags } from '../../../ground/encoding/index.ts';
import {
  type Certificate,
  decodeExtension,
  type DistinguishedName,
  type DistributionPoint,
  extensionOids,
  type GeneralNames,
  noNames,
  readDistributionPoints,
  readIssuerAltName,
  readName,
} from '../../x509/index.ts';
import { reasonsMask } from './reasons.ts';

export interface ListPoint {
  /** Names of the point; `undefined` where it has none but its cRLIssuer's. */
  readonly names: GeneralNames | undefined;
  /** Whose lists are found there. */
  readonly issuers: readonly DistinguishedName[];
  /** All names of cRLIssuer, where the certificate gives it. */
  readonly crlIssuer: GeneralNames | undefined;
  readonly reasons: number;
  /** Whether the certificate itself names the point. */
  readonly named: boolean;
}

/** In the order in which they are asked: those that the certificate names, then its issuer's lists wherever they came from (RFC 5280, 6.3.3). */
export function pointsOf(certificate: Certificate): ListPoint[] {
  const { extensions, issuer } = certificate;
  const points = decodeExtension(extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
  return [...points.map((point) => namedPoint(point, issuer)), issuersPoint(certificate)];
}

function namedPoint(point: DistributionPoint, issuer: DistinguishedName): ListPoint {
  const { fullName, nameRelativeToCRLIssuer: relative, cRLIssuer, reasons } = point;
  const above = cRLIssuer?.directory[0] ?? issuer;
  return {
    names: relative === undefined ? fullName : { ...noNames, directory: [below(above, relative)] },
    issuers: cRLIssuer?.directory ?? [issuer],
    crlIssuer: cRLIssuer,
    reasons: reasonsMask(reasons),
    named: true,
  };
}

function below(
  above: DistinguishedName,
  relative: NonNullable<DistributionPoint['nameRelativeToCRLIssuer']>,
): DistinguishedName {
  const last = encodeSetOf(relative.map(({ oid, value }) => encodeSequence(encodeOid(oid), value)));
  return readName(DerReader.over(encodeSequence(DerReader.over(above.raw).contents(tags.sequence), last)));
}

/** "with both the reasons and the cRLIssuer fields omitted and a distribution point name of the certificate issuer" (RFC 5280, 6.3.3). */
function issuersPoint({ extensions, issuer }: Certificate): ListPoint {
  const more = decodeExtension(extensions, extensionOids.issuerAltName, readIssuerAltName) ?? noNames;
  return {
    names: { ...more, directory: [issuer, ...more.directory] },
    issuers: [issuer],
    crlIssuer: undefined,
    reasons: reasonsMask(undefined),
    named: false,
  };
}
