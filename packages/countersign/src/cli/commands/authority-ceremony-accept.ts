/** `authority ceremony accept`: the answer of the authority's own root, carried back. */
import { importIssuer } from '../authority/import-issuer.ts';
import type { Call } from '../call.ts';

export function run(call: Call): Promise<number> {
  return importIssuer(call, false);
}
