/** Sets of reasons for revocation as bits: reasons_mask of RFC 5280, 6.3.2. */
import type { ReasonFlag } from '../../x509/index.ts';

/** Bits as in ReasonFlags (RFC 5280, 4.2.1.13); its first, "unused", is none. */
const bits: Readonly<Record<ReasonFlag, number>> = {
  unused: 0,
  keyCompromise: 1 << 1,
  cACompromise: 1 << 2,
  affiliationChanged: 1 << 3,
  superseded: 1 << 4,
  cessationOfOperation: 1 << 5,
  certificateHold: 1 << 6,
  privilegeWithdrawn: 1 << 7,
  aACompromise: 1 << 8,
};

export const allReasons: number = 0b1_1111_1110;

/** Absent reasons are all. */
export function reasonsMask(reasons: readonly ReasonFlag[] | undefined): number {
  if (reasons === undefined) return allReasons;
  return reasons.reduce((mask, reason) => mask | bits[reason], 0);
}

export function missingReasons(mask: number): string[] {
  return Object.entries(bits)
    .filter(([, bit]) => bit !== 0 && (mask & bit) === 0)
    .map(([name]) => name);
}
