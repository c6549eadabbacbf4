/** Whether a list covers a certificate at one of its distribution points (RFC 5280, 6.3.3 (b)). */
import { type Certificate, type CertificateList, type GeneralNames, noNames } from '../../x509/index.ts';
import type { ListPoint } from './list-points.ts';
import { haveNameInCommon } from './same-general-name.ts';

/**
 * The rule that is not met; `undefined` where the list covers it.
 * @param list one of an issuer whom the point names
 */
export function brokenScope(list: CertificateList, point: ListPoint, certificate: Certificate): string | undefined {
  const { issuingDistributionPoint: scope } = list;
  if (point.crlIssuer !== undefined && scope?.indirectCRL !== true) {
    return 'not indirect, which the list of a cRLIssuer must be (6.3.3 (b) (1))';
  }
  if (scope === undefined) return undefined;
  // A point without cRLIssuer promises a list of the issuer's own certificates alone (4.2.1.13, 5.2.5).
  if (point.named && point.crlIssuer === undefined && scope.indirectCRL) {
    return 'indirect, where the distribution point names no cRLIssuer (4.2.1.13)';
  }
  const isAuthority = certificate.basicConstraints?.ca === true;
  if (scope.onlyContainsUserCerts && isAuthority) return 'only for end-entity certificates (6.3.3 (b) (2) (ii))';
  if (scope.onlyContainsCACerts && !isAuthority) return "only for authorities' certificates (6.3.3 (b) (2) (iii))";
  if (scope.onlyContainsAttributeCerts) return 'only for attribute certificates (6.3.3 (b) (2) (iv))';
  const names = namesOf(list);
  if (names === undefined || haveNameInCommon(names, point.names ?? point.crlIssuer ?? noNames)) return undefined;
  return point.named
    ? 'for another distribution point (6.3.3 (b) (2) (i))'
    : 'for a distribution point that the certificate does not name (6.3.3 (b) (2) (i))';
}

function namesOf({ issuingDistributionPoint: scope }: CertificateList): GeneralNames | undefined {
  const point = scope?.distributionPoint;
  if (point === undefined) return undefined;
  return point.kind === 'full' ? point.names : { ...noNames, directory: [point.name] };
}
