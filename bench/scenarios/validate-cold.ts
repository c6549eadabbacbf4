/** Validating end-entity, issuer and root, all three parsed from DER, with no key known before. */
import type { Goal, Subject } from '../frame/scenario.ts';
import { validating, validatorNotes } from '../x509/validators.ts';

export const scenario = 'validate-cold';
export const group = 'x509';

export const subjects: readonly Subject[] = validating('cold');

export const goals: readonly Goal[] = [
  {
    goal: 'countersign costs so many times the bare verification of the two signatures',
    bound: 'at most',
    limit: 1.35,
    value: (cost) => cost('countersign') / cost('floor'),
  },
];

export const notes: readonly string[] = validatorNotes;
