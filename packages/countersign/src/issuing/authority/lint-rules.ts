/** The rules for every certificate that this authority signs. */
import { equalBytes } from '../../ground/encoding/index.ts';
import { extensionOids, noRevAvailConflict, type TbsCertificate } from '../../identity/x509/index.ts';
import type { LintRule } from './lint.ts';

/** Hexadecimal digits of 128 random bits: far beyond the 64 of CA/Browser Forum BR 7.1, within the 20 octets of RFC 5280. */
const serialDigits = 32;

export const everyRule: readonly LintRule<unknown>[] = [
  {
    rule: 'the serial number has 16 octets, the first of them not zero',
    clause: 'RFC 5280 4.1.2.2; own rule: 128 random bits',
    holds: ({ certificate: { serialNumber } }) =>
      serialNumber.length === serialDigits && !serialNumber.startsWith('00'),
  },
  {
    rule: "the issuer's name is, octet for octet, the subject of its certificate",
    clause: 'RFC 5280 4.1.2.4, 7.1',
    holds: ({ certificate, issuer }) => equalBytes(certificate.issuer.raw, issuer.name),
  },
  {
    rule: 'it begins before it ends',
    clause: 'RFC 5280 4.1.2.5',
    holds: ({ certificate }) => certificate.notBefore < certificate.notAfter,
  },
  {
    rule: 'dates through 2049 are UTCTime',
    clause: 'RFC 5280 4.1.2.5',
    holds: ({ certificate }) => !certificate.earlyGeneralizedTime,
  },
  {
    rule: 'it has no unique identifiers',
    clause: 'RFC 5280 4.1.2.8',
    holds: ({ certificate }) => !certificate.uniqueIdentifiers,
  },
  {
    rule: "its validity lies within the issuer's",
    clause: 'own rule: the shell model, so that it is never valid when its issuer is not',
    holds: ({ certificate, issuer }) =>
      certificate.notBefore >= issuer.notBeforeMs && certificate.notAfter <= issuer.notAfterMs,
  },
  {
    rule: "the authority key identifier is the issuer's subject key identifier",
    clause: 'RFC 5280 4.2.1.1',
    holds: ({ certificate, issuer }) =>
      issuer.keyIdentifier !== '' &&
      certificate.authorityKeyIdentifier === issuer.keyIdentifier &&
      certificate.authorityCertificate === undefined,
  },
  {
    rule: 'the key identifiers are not critical',
    clause: 'RFC 5280 4.2.1.1, 4.2.1.2',
    holds: ({ certificate }) =>
      !isCritical(certificate, extensionOids.authorityKeyIdentifier) &&
      !isCritical(certificate, extensionOids.subjectKeyIdentifier),
  },
  {
    rule: 'it has a subject key identifier',
    clause: 'RFC 5280 4.2.1.2',
    holds: ({ certificate }) => (certificate.subjectKeyIdentifier ?? '') !== '',
  },
  {
    rule: 'the key usage is present and critical',
    clause: 'RFC 5280 4.2.1.3; X509-SVID 4.3',
    holds: ({ certificate }) => certificate.keyUsage !== undefined && isCritical(certificate, extensionOids.keyUsage),
  },
  {
    rule: 'the basic constraints are present and critical',
    clause: 'RFC 5280 4.2.1.9',
    holds: ({ certificate }) =>
      certificate.basicConstraints !== undefined && isCritical(certificate, extensionOids.basicConstraints),
  },
  {
    rule: 'noRevAvail stands on an end-entity certificate alone, not critical, beside no revocation lists and no OCSP responder',
    clause: 'RFC 9608 2, 3',
    holds: ({ certificate }) => noRevAvailConflict(certificate) === undefined,
  },
];

export function isCritical(certificate: TbsCertificate, oid: string): boolean {
  return certificate.extensions.some((extension) => extension.oid === oid && extension.critical);
}

export function hasExactly(found: readonly string[] | undefined, expected: readonly string[]): boolean {
  return found?.length === expected.length && expected.every((item) => found.includes(item));
}
