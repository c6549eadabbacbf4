/** The verdicts of all judges beside what the generator knows: where they agree, where a difference is explained, and where it is not. */
import type { Chain } from './chain.ts';
import type { Judge, JudgeName, Verdict } from './judges.ts';
import { concerns, type KnownDifference, knownDifferences } from './known-differences.ts';

export interface Difference {
  readonly judge: JudgeName;
  readonly chain: Chain;
  readonly verdict: Verdict;
}

export interface Comparison {
  readonly judge: JudgeName;
  /** Chains that it decided. */
  readonly judged: number;
  readonly agreed: number;
  readonly explained: readonly Difference[];
  /** Those entries that explained one. */
  readonly used: ReadonlySet<KnownDifference>;
  readonly unexplained: readonly Difference[];
}

/** A judge that does not answer for a chain fails here: what it decides is for it to say. */
export async function compare(judge: Judge, chains: readonly Chain[]): Promise<Comparison> {
  const asked = chains.filter((chain) => judge.decides(chain));
  const verdicts = await judge.judge(asked);
  const [explained, unexplained]: [Difference[], Difference[]] = [[], []];
  const used = new Set<KnownDifference>();
  for (const chain of asked) {
    const verdict = verdicts.get(chain.number);
    if (verdict === undefined) throw new Error(`${judge.name} did not answer for chain ${chain.number}`);
    if (verdict.accepts === (chain.flaw === undefined)) continue;
    const entries = knownDifferences.filter((entry) => entry.judge === judge.name && concerns(entry, chain));
    for (const entry of entries) used.add(entry);
    (entries.length > 0 ? explained : unexplained).push({ judge: judge.name, chain, verdict });
  }
  const agreed = asked.length - explained.length - unexplained.length;
  return { judge: judge.name, judged: asked.length, agreed, explained, used, unexplained };
}

/** Entries that explained nothing for a judge that was asked. */
export function unused(comparisons: readonly Comparison[]): readonly KnownDifference[] {
  return comparisons.flatMap(({ judge, used }) =>
    knownDifferences.filter((entry) => entry.judge === judge && !used.has(entry)),
  );
}

export function describeDifference({ judge, chain, verdict }: Difference): string {
  const { number, flaw, traits, asked } = chain;
  const known = flaw === undefined ? 'sound' : `${flaw.name} @${flaw.place} (${flaw.clause})`;
  const said = verdict.accepts ? 'accepts it' : `rejects it: ${verdict.why}`;
  return `chain ${number}: ${known}; ${judge} ${said}; asked ${JSON.stringify(asked)}; contains ${[...traits].join(', ')}`;
}
