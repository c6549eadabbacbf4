/** Parsing one certificate of a server of the public Web, with two SCTs. */
import type { Goal, Subject } from '../frame/scenario.ts';
import { parsing, parsingGoals } from '../x509/parsers.ts';
import { webLeaf } from '../x509/web-leaf.ts';

export const scenario = 'parse-web';
export const group = 'x509';

export const subjects: readonly Subject[] = parsing(async () => webLeaf());

export const goals: readonly Goal[] = parsingGoals;
