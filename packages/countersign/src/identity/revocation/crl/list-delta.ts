/** Which delta list changes a complete one (RFC 5280, 5.2.4 and 6.3.3 (c)). */
import { equalBytes } from '../../../ground/encoding/index.ts';
import { type CertificateList, crlExtensionOids } from '../../x509/index.ts';
import { compareNumbers } from './list-number.ts';

/**
 * Whether `delta` may be applied to `complete`; its signature and its time are not looked at.
 * @param complete a list of the same issuer
 */
export function changes(delta: CertificateList, complete: CertificateList): boolean {
  const { crlNumber, baseCrlNumber } = delta;
  if (complete.crlNumber === undefined || crlNumber === undefined || baseCrlNumber === undefined) return false;
  return (
    compareNumbers(baseCrlNumber, complete.crlNumber) <= 0 &&
    compareNumbers(complete.crlNumber, crlNumber) < 0 &&
    sameExtension(delta, complete, crlExtensionOids.issuingDistributionPoint) &&
    sameExtension(delta, complete, crlExtensionOids.authorityKeyIdentifier)
  );
}

/** Both without it, or with the same value. */
function sameExtension(a: CertificateList, b: CertificateList, wanted: string): boolean {
  const value = ({ extensions }: CertificateList): Uint8Array | undefined =>
    extensions.find(({ oid }) => oid === wanted)?.value;
  const [one, other] = [value(a), value(b)];
  return one === undefined || other === undefined ? one === other : equalBytes(one, other);
}
