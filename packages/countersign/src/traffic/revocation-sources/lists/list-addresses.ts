/** Where certificates say that their lists are, and lists that the changes to them are. */
import {
  type Certificate,
  type CertificateList,
  decodeExtension,
  type DistributionPoint,
  extensionOids,
  readDistributionPoints,
} from '../../../identity/x509/index.ts';

/** Of one certificate or list. Own choice: with more somebody would have this endpoint ask others. */
const mostAddresses = 4;

export function listAddresses({ extensions }: Certificate): string[] {
  const points = decodeExtension(extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
  return httpAddresses(points);
}

/** Of the changes to a complete list (RFC 5280, 5.2.6). */
export function deltaAddresses({ freshestCrl = [] }: CertificateList): string[] {
  return httpAddresses(freshestCrl);
}

function httpAddresses(points: readonly DistributionPoint[]): string[] {
  const all = points.flatMap(({ fullName }) => fullName?.uri ?? []);
  return all.filter((uri) => /^http:/i.test(uri)).slice(0, mostAddresses);
}
