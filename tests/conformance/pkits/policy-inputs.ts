/**
 * The inputs to RFC 5280, 6.1.1 that the PKITS document (NIST, version 1.0.1, chapter 4) names for each row of its policy sections 4.8 to
 * 4.12. A row that is not here has the document's default settings: any policy will do, and nothing is required or inhibited from the start.
 */
import type { PolicyInput } from '../../../packages/countersign/src/identity/x509/index.ts';

/** The row, written as section, test and subpart: "4.8.1/3". */
export type RowKey = string;

/** NIST-test-policy-N. */
function policies(...numbers: readonly number[]): readonly string[] {
  return numbers.map((number) => `2.16.840.1.101.3.2.1.48.${number}`);
}

const explicit: PolicyInput = { requireExplicit: true };

const inputsOfRows: Readonly<Record<RowKey, PolicyInput>> = {
  '4.8.1/1': explicit,
  '4.8.1/2': { ...explicit, accepted: policies(1) },
  '4.8.1/3': { ...explicit, accepted: policies(2) },
  '4.8.1/4': { ...explicit, accepted: policies(1, 2) },
  '4.8.2/2': explicit,
  '4.8.3/2': explicit,
  '4.8.3/3': { ...explicit, accepted: policies(1, 2) },
  '4.8.6/2': { accepted: policies(1) },
  '4.8.6/3': { accepted: policies(2) },
  '4.8.10/2': { accepted: policies(1) },
  '4.8.10/3': { accepted: policies(2) },
  '4.8.11/2': { accepted: policies(1) },
  '4.8.13/1': { accepted: policies(1) },
  '4.8.13/2': { accepted: policies(2) },
  '4.8.13/3': { accepted: policies(3) },
  '4.8.14/1': { accepted: policies(1) },
  '4.8.14/2': { accepted: policies(2) },
  '4.8.18/1': { accepted: policies(1) },
  '4.8.18/2': { accepted: policies(2) },
  '4.10.1/1': { accepted: policies(1) },
  '4.10.1/2': { accepted: policies(2) },
  '4.10.1/3': { inhibitMapping: true },
  '4.10.2/2': { inhibitMapping: true },
  '4.10.3/1': { accepted: policies(1) },
  '4.10.3/2': { accepted: policies(2) },
  '4.10.5/1': { accepted: policies(1) },
  '4.10.5/2': { accepted: policies(6) },
  '4.10.6/1': { accepted: policies(1) },
  '4.10.6/2': { accepted: policies(6) },
  '4.10.12/1': { accepted: policies(1) },
  '4.10.12/2': { accepted: policies(2) },
  '4.10.13/2': { accepted: policies(1) },
  '4.10.13/3': { accepted: policies(2) },
  '4.12.3/2': { inhibitAnyPolicy: true },
};

export function policyInputsOf(name: string): PolicyInput {
  return inputsOfRows[rowKey(name)] ?? {};
}

/** From a case's name, "Section8AllCertificatesSamePolicyTest1Subpart3": `num` alone does not tell the subparts of a test apart. */
export function rowKey(name: string): RowKey {
  const [, section, row, subpart] = /^Section(\d+)\D.*?Test(\d+)(?:Subpart(\d+))?$/.exec(name) ?? [];
  return section === undefined || row === undefined ? name : `4.${section}.${row}/${subpart ?? '1'}`;
}

/** For a test that each row of the table is one that exists. */
export const rowsWithInputs: readonly RowKey[] = Object.keys(inputsOfRows);
