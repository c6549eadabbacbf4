/** A folder's cases run and counted. */
import type { CrlAnswer, CrlFolder } from './crl-folder.ts';
import { type CrlDecision, decideCrl } from './decide.ts';

export interface CrlResult extends CrlDecision {
  readonly name: string;
  readonly expected: CrlAnswer;
}

/** The object that the command prints. */
export interface CrlSummary {
  readonly cases: number;
  readonly asExpected: number;
  readonly differing: readonly string[];
}

export function runCrl(folder: CrlFolder): CrlResult[] {
  return folder.cases.map((item) => ({ ...item, ...decideCrl(item, folder) }));
}

export function summarizeCrl(results: readonly CrlResult[]): CrlSummary {
  const differing = results.filter(({ answer, expected }) => answer !== expected).map(({ name }) => name);
  return { cases: results.length, asExpected: results.length - differing.length, differing };
}
