/** All faults, in the order of the page. */
import { faultsAtTheAsker } from './at-the-asker.ts';
import { faultsAtTheStart } from './at-the-start.ts';
import type { Fault } from './fault.ts';
import { faultsOfTheDatabase } from './of-the-database.ts';

export const faults: readonly Fault[] = [...faultsAtTheStart, ...faultsOfTheDatabase, ...faultsAtTheAsker];
