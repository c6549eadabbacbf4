/** What an act costs this process until its last consequence: CPU time in all, and of the longest task that began with it. */

export interface Cost {
  readonly cpuMs: number;
  readonly longestMs: number;
}

/**
 * Work in slices takes its turns among the immediates, between two of ours: what a slice sets off is over before the second. CPU time, since others want the
 * processor as well.
 * @param act begins it
 * @param isOver whether its last consequence has come
 */
export function costOf(act: () => void, isOver: () => boolean): Promise<Cost> {
  return new Promise((resolve) => {
    const first = cpuMs();
    let begun = first;
    let longestMs = 0;
    let over = false;
    const before = (): void => {
      begun = cpuMs();
      if (!over) setImmediate(before);
    };
    const after = (): void => {
      longestMs = Math.max(longestMs, cpuMs() - begun);
      over = isOver();
      if (over) resolve({ cpuMs: cpuMs() - first, longestMs });
      else setImmediate(after);
    };
    setImmediate(() => {
      before();
      act();
      setImmediate(after);
    });
  });
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
