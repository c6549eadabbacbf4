/** Rows of PKITS that are answered otherwise than the document says, each with the reason. A row that no longer differs must go from here. */

export interface PkitsDifference {
  readonly name: string;
  /** What the library does. */
  readonly direction: 'accept' | 'reject';
  readonly reason: string;
}

const revoked = 'only a certificate revocation list tells that it is revoked; revocation is not in this library yet';

const listNotSigned =
  "the issuer's key usage does not let it sign revocation lists, so that its own is void; revocation is not in this library yet";

const inheritedParameters =
  "its authority's DSA key takes its parameters from the key above it (RFC 3279, 2.3.2), and node:crypto loads no DSA key without its own";

export const knownDifferences: readonly PkitsDifference[] = [
  { name: 'Section1ValidDSAParameterInheritanceTest5', direction: 'reject', reason: inheritedParameters },
  { name: 'Section5InvalidBasicSelfIssuedOldWithNewTest2', direction: 'accept', reason: revoked },
  { name: 'Section5InvalidBasicSelfIssuedNewWithOldTest5', direction: 'accept', reason: revoked },
  { name: 'Section5InvalidBasicSelfIssuedCRLSigningKeyTest7', direction: 'accept', reason: revoked },
  { name: 'Section7InvalidkeyUsageCriticalcRLSignFalseTest4', direction: 'accept', reason: listNotSigned },
  { name: 'Section7InvalidkeyUsageNotCriticalcRLSignFalseTest5', direction: 'accept', reason: listNotSigned },
];

export function differenceWithReason(name: string): PkitsDifference | undefined {
  return knownDifferences.find((difference) => difference.name === name);
}
