/** What a certificate with noRevAvail must not be or carry (RFC 9608, 2 and 3). */
import { type BasicConstraints, decodeExtension, type Extension, extensionOids } from '../extensions.ts';
import { accessMethods, readInformationAccess } from './information-access.ts';

/** What the certificate breaks, or `undefined` where it carries no noRevAvail or nothing that contradicts it. */
export function noRevAvailConflict(certificate: {
  readonly extensions: readonly Extension[];
  readonly basicConstraints: BasicConstraints | undefined;
}): string | undefined {
  const { extensions, basicConstraints } = certificate;
  const find = (wanted: string): Extension | undefined => extensions.find(({ oid }) => oid === wanted);
  const marker = find(extensionOids.noRevAvail);
  if (marker === undefined) return undefined;
  if (marker.critical) return 'a critical noRevAvail (RFC 9608, 2)';
  if (basicConstraints?.ca === true) return "noRevAvail on an authority's certificate (RFC 9608, 2)";
  if (find(extensionOids.crlDistributionPoints) !== undefined) {
    return 'noRevAvail beside crlDistributionPoints (RFC 9608, 3)';
  }
  if (find(extensionOids.freshestCRL) !== undefined) return 'noRevAvail beside freshestCRL (RFC 9608, 3)';
  const access = decodeExtension(extensions, extensionOids.authorityInfoAccess, readInformationAccess) ?? [];
  if (access.some(({ method }) => method === accessMethods.ocsp)) {
    return 'noRevAvail beside an OCSP responder in authorityInfoAccess (RFC 9608, 3)';
  }
  return undefined;
}
