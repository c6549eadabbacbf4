/** A folder's OCSP cases run and counted. */
import { decideOcsp, type OcspDecision, type OcspLeniency } from './decide.ts';
import type { OcspCase, OcspFolder } from './ocsp-folder.ts';

export interface OcspResult extends OcspDecision {
  readonly name: string;
  readonly asExpected: boolean;
  readonly expected: OcspCase['expected'];
  readonly hint: string;
}

/** The object that the command prints. */
export interface OcspSummary {
  readonly cases: number;
  readonly asExpected: number;
  readonly differing: readonly string[];
}

export function runOcsp(folder: OcspFolder, leniency: OcspLeniency): readonly OcspResult[] {
  return folder.cases.map((item) => {
    const decision = decideOcsp(item, folder, leniency);
    const { name, expected, hint } = item;
    return { ...decision, name, expected, hint, asExpected: decision.answer === expected };
  });
}

export function summarizeOcsp(results: readonly OcspResult[]): OcspSummary {
  const differing = results.filter(({ asExpected }) => !asExpected).map(({ name }) => name);
  return { cases: results.length, asExpected: results.length - differing.length, differing };
}
