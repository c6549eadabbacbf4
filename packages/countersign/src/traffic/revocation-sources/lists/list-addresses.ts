/** Where certificates say that their lists are. */
import {
  type Certificate,
  decodeExtension,
  extensionOids,
  readDistributionPoints,
} from '../../../identity/x509/index.ts';

/** Of one certificate. Own choice: with more somebody would have this endpoint ask others. */
const mostAddresses = 4;

export function listAddresses({ extensions }: Certificate): string[] {
  const points = decodeExtension(extensions, extensionOids.crlDistributionPoints, readDistributionPoints) ?? [];
  const all = points.flatMap(({ fullName }) => fullName?.uri ?? []);
  return all.filter((uri) => /^http:/i.test(uri)).slice(0, mostAddresses);
}
