/** Validating an end-entity, parsed anew, under an issuer and a root that were parsed, and whose keys were used, before. */
import type { Subject } from '../frame/scenario.ts';
import { validating } from '../x509/validators.ts';

export const scenario = 'validate-warm';
export const group = 'x509';

export const subjects: readonly Subject[] = validating('warm');

export const notes: readonly string[] = [
  'floor and node:crypto verify one signature, the end-entity’s; the others verify the issuer’s anew, too',
];
