/** What an act costs this process until its last consequence: CPU time in all, of its longest task, and of the longest turn of the event loop. */
import { threadCpuMs } from './thread-cpu.ts';

export interface Cost {
  readonly cpuMs: number;
  /**
   * From the first immediate of a turn to the end of its close callbacks: a slice together with what it sets off, and no other event of the process in between.
   * The turn of the act itself is one of them.
   */
  readonly longestMs: number;
  /** With the reading of what came in, which is not the act's. */
  readonly longestTurnMs: number;
}

/**
 * CPU time, since others want the processor as well. The timers are what comes behind the close callbacks in a turn.
 * @param act begins it
 * @param isOver whether its last consequence has come
 */
export function costOf(act: () => void, isOver: () => boolean): Promise<Cost> {
  return new Promise((resolve) => {
    const first = threadCpuMs();
    let [begun, longestMs, longestTurnMs] = [first, 0, 0];
    let timer: NodeJS.Timeout | undefined;
    const turn = (): void => {
      const now = threadCpuMs();
      if (timer !== undefined) longestTurnMs = Math.max(longestTurnMs, now - begun);
      clearTimeout(timer);
      if (timer !== undefined && isOver()) {
        resolve({ cpuMs: now - first, longestMs, longestTurnMs });
        return;
      }
      // The first of the next turn, before the slice that this one leads to.
      setImmediate(turn);
      begun = now;
      // In a turn of less than a millisecond it is not due.
      timer = setTimeout(() => (longestMs = Math.max(longestMs, threadCpuMs() - now)), 1);
    };
    setImmediate(turn);
    setImmediate(act);
  });
}
