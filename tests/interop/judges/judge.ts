/** A judge: a program of others that is shown a list, or told where the responder is, and says what it makes of a certificate. */
import type { Judged, Status } from './judged.ts';

/** `held` where it tells a hold from a revocation; `undetermined` where it says that it can't know; else its own words. */
export type Verdict = 'good' | 'revoked' | 'held' | 'unknown' | 'undetermined' | (string & {});

export interface Judge {
  readonly name: string;
  /** Why it is absent; `false` where it is there. */
  readonly missing: string | false;
  readonly source: 'lists' | 'responder';
  /** Whether it looks at what a list is about (RFC 5280, 5.2.5). Of lists alone. */
  readonly heedsScope?: boolean;
  judge(judged: Judged, statuses: readonly Status[], lists?: Lists): Promise<readonly Verdict[]>;
}

/** Which lists a judge is shown. Absent: all that its name says. */
export type Lists = (judged: Judged, status: Status) => string;

export const completeList: Lists = (judged) => judged.complete;
export const shardList: Lists = (judged, status) => judged.shard(status);
export const deltaLists: Lists = (judged) => judged.delta;
export const otherShardList: Lists = (judged, status) => judged.otherShard(status);

/** One verdict a certificate, asked for together. */
export function each(statuses: readonly Status[], judge: (status: Status) => Promise<Verdict>): Promise<Verdict[]> {
  return Promise.all(statuses.map(judge));
}

const reasons: Readonly<Record<string, Verdict>> = { 6: 'held', certificateHold: 'held' };

/** A line of a program of ours under a library of others: `good`, `unknown`, or `revoked` and the reason. */
export function verdictOf(line: string): Verdict {
  const reason = /^revoked (\w+)$/.exec(line)?.[1];
  return reason === undefined ? line : (reasons[reason] ?? 'revoked');
}

export function verdictsIn({ status, out, err }: { status: number | null; out: string; err: string }): Verdict[] {
  if (status !== 0) throw new Error(err);
  return out.trim().split('\n').map(verdictOf);
}
