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
}

/** The object that the command prints. */
export interface PkitsSummary {
  readonly cases: number;
  readonly asExpected: number;
  /** Names, as `num` does not tell subparts apart. */
  readonly differing: readonly string[];
}

export function runPkits(folder: PkitsFolder, weak: readonly Weakness[]): PkitsRun {
  const results: PkitsResult[] = [];
  for (const item of folder.cases) {
    const { answer, because } = decidePkits(item, folder, weak);
    const asExpected = answer !== 'failed' && (answer === 'accepted') === item.ok;
    results.push({ num: item.num, name: item.name, asExpected, valid: item.ok, because });
  }
  return { results };
}

export function summarizePkits({ results }: PkitsRun): PkitsSummary {
  const differing = results.filter(({ asExpected }) => !asExpected).map(({ name }) => name);
  return { cases: results.length, asExpected: results.length - differing.length, differing };
}
