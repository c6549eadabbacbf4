/** Rows of PKITS that are answered otherwise than the document says, each with the reason. A row that no longer differs must go from here. */

export interface PkitsDifference {
  readonly name: string;
  /** What the library does. */
  readonly direction: 'accept' | 'reject';
  readonly reason: string;
}

const inheritedParameters =
  "its authority's DSA key takes its parameters from the key above it (RFC 3279, 2.3.2), and node:crypto loads no DSA key without its own";

export const knownDifferences: readonly PkitsDifference[] = [
  { name: 'Section1ValidDSAParameterInheritanceTest5', direction: 'reject', reason: inheritedParameters },
];

export function differenceWithReason(name: string): PkitsDifference | undefined {
  return knownDifferences.find((difference) => difference.name === name);
}
