/** How long a connection may live at the most, whatever its certificates say: an option of every endpoint. */

/** Infinite where it was not asked for. @throws TypeError for what is no time */
export function longestLifeOf({ longestLifeMs }: { readonly longestLifeMs?: number }): number {
  if (longestLifeMs === undefined) return Number.POSITIVE_INFINITY;
  if (!(longestLifeMs > 0)) throw new TypeError('longestLifeMs is a number of milliseconds above 0');
  return longestLifeMs;
}
