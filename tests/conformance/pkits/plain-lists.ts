/**
 * The least of revocation that sections 4.5 and 4.7 of PKITS rest upon: one complete list an issuer, signed by a key of that issuer which
 * may sign lists. The library's rules of revocation are not this; distribution points, deltas and indirect lists are sections of their own.
 */
import {
  algorithmFits,
  type Certificate,
  type CertificateList,
  isKnownAlgorithm,
  parseCertificateList,
  sameName,
} from '../../../packages/countersign/src/identity/x509/index.ts';
import { verifySignature } from '../../../packages/countersign/src/runtime/cryptography/index.ts';

/**
 * Why one of `certificates` is not to be relied upon; `undefined` where each is on no list, and a list says so.
 * @param certificates the anchor first
 * @param lists DER
 */
export function refusedByLists(
  certificates: readonly Certificate[],
  lists: readonly Uint8Array[],
  at: number,
): string | undefined {
  const usable = lists.map((der) => parseCertificateList(der)).filter((list) => isUsable(list, certificates, at));
  for (const certificate of certificates.slice(1)) {
    const own = usable.filter(({ issuer }) => sameName(issuer, certificate.issuer));
    if (own.length === 0) return `no usable list of ${certificate.issuer.text}`;
    if (own.some(({ revoked }) => revoked.find(certificate.serialNumber).length > 0)) {
      return `${certificate.subject.text} is revoked`;
    }
  }
  return undefined;
}

function isUsable(list: CertificateList, certificates: readonly Certificate[], at: number): boolean {
  const { issuer, signatureAlgorithm: algorithm, tbs, signature, thisUpdate, nextUpdate } = list;
  if (at < thisUpdate || (nextUpdate !== undefined && at > nextUpdate)) return false;
  return certificates.some(
    ({ subject, keyUsage, publicKey }) =>
      sameName(subject, issuer) &&
      (keyUsage === undefined || keyUsage.includes('cRLSign')) &&
      isKnownAlgorithm(algorithm) &&
      algorithmFits(algorithm, publicKey.type) &&
      verifySignature(publicKey, algorithm, tbs, signature),
  );
}
