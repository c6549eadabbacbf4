/** cRLNumber: greater with each list, through restarts and restored backups, too (RFC 5280, 5.2.3). */

/**
 * The feed's number above, which grows with each revocation and jumps ahead of all that an earlier life of the authority may have told; below it 32 bits
 * that grow with each publication: the seconds since 2026, or one more than the last where that is more, which is remembered on disk. So a clock that
 * went back gives no number twice.
 */
const publicationBits = 32n;
const originMs = Date.UTC(2026, 0, 1);

export function nextPublication(last: number, nowMs: number): number {
  return Math.max(last + 1, Math.floor((nowMs - originMs) / 1000));
}

/** The feed's number that is in it: what later changes have told is not in the list. */
export function feedNumberOf(listNumber: bigint): number {
  return Number(listNumber >> publicationBits);
}

export function listNumber(feedNumber: number, publication: number): bigint {
  return (BigInt(feedNumber) << publicationBits) | BigInt(publication);
}
