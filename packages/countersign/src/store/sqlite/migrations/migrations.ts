/** The schema, as the steps that led to it, in their order. */
import { authority } from './001-authority.ts';
import { access } from './004-access.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [authority, access];
