/** Which of the targets that are well is asked next. */
import type { Target } from './target.ts';
import type { Balance } from './upstream-options.ts';

/** @returns `undefined` where there is none */
export function balancer(balance: Balance): (targets: readonly Target[]) => Target | undefined {
  return balance === 'round-robin' ? inTurns : leastRequests();
}

/** Each gains its share a turn, and the richest pays for all: turns that are spread, in the proportion of the shares. */
function inTurns(targets: readonly Target[]): Target | undefined {
  let [all, chosen]: [number, Target | undefined] = [0, targets[0]];
  for (const target of targets) {
    const share = target.share();
    all += share;
    target.credit += share;
    if (chosen === undefined || target.credit > chosen.credit) chosen = target;
  }
  if (chosen !== undefined) chosen.credit -= all;
  return chosen;
}

/** Of several with as few, not always the same. */
function leastRequests(): (targets: readonly Target[]) => Target | undefined {
  let turn = 0;
  return (targets) => {
    turn = (turn + 1) % Math.max(1, targets.length);
    let [least, chosen]: [number, Target | undefined] = [Infinity, undefined];
    for (let at = 0; at < targets.length; at += 1) {
      const target = targets[(at + turn) % targets.length];
      if (target === undefined) continue;
      const load = (target.underWay + 1) / target.share();
      if (load < least) [least, chosen] = [load, target];
    }
    return chosen;
  };
}
