/** Cycles between rooms: no file need be in one for two rooms to need each other. */

/** One cycle a room that is in any, as the rooms on it with the first repeated at the end. */
export function roomCycles(imports: readonly (readonly [from: string, to: string])[]): string[][] {
  const next = new Map<string, string[]>();
  for (const [from, to] of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const found = new Map<string, string[]>();
  for (const room of next.keys()) {
    const cycle = shortestBack(room, next);
    if (cycle !== undefined) found.set([...new Set(cycle)].sort().join(' '), cycle);
  }
  return [...found.values()];
}

function shortestBack(room: string, next: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const seen = new Set<string>();
  let paths = [[room]];
  while (paths.length > 0) {
    const longer: string[][] = [];
    for (const path of paths) {
      for (const to of next.get(path.at(-1) ?? '') ?? []) {
        if (to === room) return [...path, to];
        if (seen.has(to)) continue;
        seen.add(to);
        longer.push([...path, to]);
      }
    }
    paths = longer;
  }
  return undefined;
}
