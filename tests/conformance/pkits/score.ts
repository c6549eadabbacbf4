/** A folder's cases run and counted. */
import type { Weakness } from '../../../packages/countersign/src/identity/x509/index.ts';
import { decidePkits } from './decide.ts';
import type { PkitsFolder } from './pkits-folder.ts';

export interface PkitsResult {
  readonly num: string;
  readonly name: string;
  readonly asExpected: boolean;
  /** What the document says of the path. */
  readonly valid: boolean;
  /** Why it was rejected. */
  readonly because: string;
}

export interface PkitsRun {
  readonly results: readonly PkitsResult[];
  /** Cases not run, by section. */
  readonly waiting: ReadonlyMap<string, number>;
}

/** The object that the command prints. */
export interface PkitsSummary {
  readonly cases: number;
  readonly asExpected: number;
  /** Names, as `num` does not tell subparts apart. */
  readonly differing: readonly string[];
}

/** Sections on certificate revocation lists and nothing else: basic, distribution points, deltas. */
const revocationSections: readonly string[] = ['4.4', '4.14', '4.15'];

export function runPkits(folder: PkitsFolder, weak: readonly Weakness[]): PkitsRun {
  const results: PkitsResult[] = [];
  const waiting = new Map<string, number>();
  for (const item of folder.cases) {
    const section = item.num.split('.').slice(0, 2).join('.');
    if (revocationSections.includes(section)) {
      waiting.set(section, (waiting.get(section) ?? 0) + 1);
      continue;
    }
    const { answer, because } = decidePkits(item, folder, weak);
    const asExpected = answer !== 'failed' && (answer === 'accepted') === item.ok;
    results.push({ num: item.num, name: item.name, asExpected, valid: item.ok, because });
  }
  return { results, waiting };
}

export function summarizePkits({ results }: PkitsRun): PkitsSummary {
  const differing = results.filter(({ asExpected }) => !asExpected).map(({ name }) => name);
  return { cases: results.length, asExpected: results.length - differing.length, differing };
}
