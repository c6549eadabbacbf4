/** Before a new issuer is taken in where no authority runs: refused in a directory whose administrators must be two for it, since only a running authority can ask the other. */
import { stat } from 'node:fs/promises';

import { Refusal } from '../../../ground/errors/index.ts';
import { sha256Hex } from '../../../runtime/cryptography/index.ts';
import { lastAccepted } from '../approval/last-accepted.ts';
import type { SettingsMemory } from '../approval/proposal-book.ts';
import type { IssuerPlan } from './accept-issuer.ts';

/** @throws CS-APPROVAL-006 */
export async function requireOnePerson(
  dir: string,
  memory: Pick<SettingsMemory, 'accepted'>,
  { trustDomain, issuer }: Pick<IssuerPlan, 'trustDomain' | 'issuer'>,
): Promise<void> {
  // Whose the directory is runs the authority: the superuser, who may be calling, is no second person.
  const { uid: ownerUid } = await stat(dir);
  const { administrators } = await lastAccepted(memory, { trustDomain, ownerUid });
  if (administrators.personsFor(issuerRole) > 1)
    throw new Refusal('CS-APPROVAL-006', { dir, issuer: sha256Hex(issuer.raw) });
}

/** Whoever has the issuer's key can be anybody, so this is a matter of who decides who decides. */
export const issuerRole = 'root';
