/** What several workers know of the targets of upstreams, as one: each looks at them by itself, and the worst that one of them says is what is told. */
import type { UpstreamPools } from '../upstreams.ts';

type TargetOfWorker = ReturnType<UpstreamPools['figures']>[number];

export interface JoinedTarget extends TargetOfWorker {
  /** The workers that leave it out now. */
  readonly leftOutBy: readonly number[];
}

export interface TargetsOfWorker {
  readonly worker: number;
  readonly targets: readonly TargetOfWorker[];
}

/** Well is what all of them ask; the rest is added up. */
export function joinTargets(workers: readonly TargetsOfWorker[]): readonly JoinedTarget[] {
  const joined = new Map<string, JoinedTarget>();
  for (const { worker, targets } of workers)
    for (const one of targets) {
      const key = JSON.stringify([one.upstream, one.target]);
      const before = joined.get(key) ?? { ...one, underWay: 0, requests: 0, failed: 0, leftOutBy: [] };
      const leftOutBy = one.isWell ? before.leftOutBy : [...before.leftOutBy, worker];
      joined.set(key, {
        ...before,
        isWell: before.isWell && one.isWell,
        underWay: before.underWay + one.underWay,
        requests: before.requests + one.requests,
        failed: before.failed + one.failed,
        leftOutBy,
      });
    }
  return [...joined.values()];
}
