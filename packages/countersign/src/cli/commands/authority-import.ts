/** `authority import`: the answer of a corporate authority, which makes this one ready or gives it its next issuer. */
import { importIssuer } from '../authority/import-issuer.ts';
import type { Call } from '../call.ts';

export function run(call: Call): Promise<number> {
  return importIssuer(call, true);
}
