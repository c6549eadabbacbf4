/** Parsing one certificate as the service profile makes them: P-256, a SPIFFE ID and a DNS name. */
import type { AbsentSubject, Goal, Subject } from '../frame/scenario.ts';
import { twoSides } from '../frame/two-sides.ts';
import { parsing, parsingGoals } from '../x509/parsers.ts';

export const scenario = 'parse';
export const group = 'x509';

export const subjects: readonly Subject[] = parsing(async () => {
  const [leaf] = (await twoSides()).client.chain;
  if (leaf === undefined) throw new Error('a credential without a certificate');
  return leaf;
});

export const absent: readonly AbsentSubject[] = [
  { name: 'floor', absent: 'parsing has no part that nobody could save' },
];

export const goals: readonly Goal[] = parsingGoals;

export const notes: readonly string[] = [
  'each subject reads subject, alternative names, validity and public key; countersign and pkijs decode all extensions, node:crypto and @peculiar/x509 those that are asked for, and node:crypto loads the key',
];
