/** The scenarios that there are, and which of them a prefix chooses. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';

const folder = join(import.meta.dirname, '../scenarios');

export async function readScenarios(): Promise<Scenario[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort();
  return Promise.all(names.map((name) => import(join(folder, name)) as Promise<Scenario>));
}

/** By the beginning of a scenario's name, or of its group's and its own: "parse", "x509", "x509-parse". */
export function isChosen({ scenario, group, slow = false }: Scenario, prefix: string): boolean {
  if (slow) return scenario === prefix;
  return scenario.startsWith(prefix) || (group !== undefined && `${group}-${scenario}`.startsWith(prefix));
}
