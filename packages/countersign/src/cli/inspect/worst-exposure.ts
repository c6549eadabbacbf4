/** For how long a revocation may not reach who relies on a list or an OCSP answer: from the one time to the other, if it came just after. */
export function worstExposure(thisUpdateMs: number, nextUpdateMs: number | undefined): number | null {
  return nextUpdateMs === undefined ? null : Math.max(0, Math.ceil((nextUpdateMs - thisUpdateMs) / 1000));
}

export function exposureWords(worstSeconds: number | null): string {
  const end = worstSeconds === null ? 'without end' : `for ${String(worstSeconds)} s at worst`;
  return `hides later revocations ${end}`;
}
