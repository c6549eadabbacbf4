/** Which of many attacks are tried at which of many places: all of them at one place, and at each other a share. `BYPASS=all` tries all of them at all. */

export const everywhere: boolean = process.env['BYPASS'] === 'all';

/** A prime, so that a row of places that repeats itself in twos and fours (versions, protocols, policies) does not always meet the same ones. */
const ofAsMany = 5;

/**
 * What is tried at place number `at`: at the first all, and at the others one in five, at each another one. What judges a peer is the same for all
 * endpoints; that each of them asks it is seen with fewer.
 */
export function shareAt<T>(at: number, attacks: readonly T[]): readonly T[] {
  if (everywhere || at === 0) return attacks;
  return attacks.filter((_, which) => which % ofAsMany === at % ofAsMany);
}
