/** The rules for every certificate that this authority signs. */
import { equalBytes } from '../../ground/encoding/index.ts';
import type { TbsCertificate } from '../../identity/x509/index.ts';
import { type LintRule } from './lint.ts';

/** Digits of 64 bits, the least entropy of a serial number (CA/Browser Forum BR 7.1), and of the 20 octets that it may have at most. */
const fewestSerialDigits = 16;
const mostSerialDigits = 40;

export const everyRule: readonly LintRule<unknown>[] = [
  {
    rule: 'the serial number has 64 bits to 20 octets and is not zero',
    clause: 'RFC 5280 4.1.2.2',
    holds: ({ certificate: { serialNumber } }) =>
      serialNumber.length >= fewestSerialDigits &&
      serialNumber.length <= mostSerialDigits &&
      !/^0+$/.test(serialNumber),
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
    rule: "its validity lies within the issuer's",
    clause: 'own rule: the shell model, so that it is never valid when its issuer is not',
    holds: ({ certificate, issuer }) =>
      certificate.notBefore >= issuer.notBeforeMs && certificate.notAfter <= issuer.notAfterMs,
  },
  {
    rule: "the authority key identifier is the issuer's subject key identifier",
    clause: 'RFC 5280 4.2.1.1',
    holds: ({ certificate, issuer }) =>
      issuer.keyIdentifier !== '' && certificate.authorityKeyIdentifier === issuer.keyIdentifier,
  },
  {
    rule: 'it has a subject key identifier',
    clause: 'RFC 5280 4.2.1.2',
    holds: ({ certificate }) => (certificate.subjectKeyIdentifier ?? '') !== '',
  },
  {
    rule: 'the key usage is present and critical',
    clause: 'RFC 5280 4.2.1.3; X509-SVID 4.3',
    holds: ({ certificate }) => certificate.keyUsage !== undefined && isCritical(certificate, '2.5.29.15'),
  },
  {
    rule: 'the basic constraints are present and critical',
    clause: 'RFC 5280 4.2.1.9',
    holds: ({ certificate }) => certificate.basicConstraints !== undefined && isCritical(certificate, '2.5.29.19'),
  },
];

export function isCritical(certificate: TbsCertificate, oid: string): boolean {
  return certificate.extensions.some((extension) => extension.oid === oid && extension.critical);
}

export function hasExactly(found: readonly string[] | undefined, expected: readonly string[]): boolean {
  return found?.length === expected.length && expected.every((item) => found.includes(item));
}
