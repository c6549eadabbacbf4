/** The schema, as the steps that led to it, in their order. */
import { authority } from './001-authority.ts';
import { audit } from './002-audit.ts';
import { profiles } from './003-profiles.ts';
import { access } from './004-access.ts';
import { compact } from './005-compact.ts';
import { vitals } from './006-vitals.ts';
import { issuers } from './007-issuers.ts';
import { widerRevocation } from './008-wider-revocation.ts';
import { partners } from './009-partners.ts';
import { tokenClients } from './010-token-clients.ts';
import type { Migration } from './migration.ts';

export const migrations: readonly Migration[] = [
  authority,
  audit,
  profiles,
  access,
  compact,
  vitals,
  issuers,
  widerRevocation,
  partners,
  tokenClients,
];
