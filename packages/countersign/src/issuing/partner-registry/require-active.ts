/** Whether a partner may have a certificate now. */
import { Refusal } from '../../ground/errors/index.ts';
import { partnerNameOf } from '../../identity/partners/index.ts';
import { partnerProfile, type Profile } from '../authority/index.ts';
import { findPartner } from './find-partner.ts';
import type { PartnerBook } from './partner-book.ts';

/** @throws CS-PARTNER-004, -006 */
export async function requireActive(book: PartnerBook, name: string): Promise<void> {
  const { state, reason } = await findPartner(book, name);
  if (state !== 'active') throw new Refusal('CS-PARTNER-006', { partner: name, reason: reason ?? 'not said' });
}

/** For whoever issues: of partners' certificates alone the book is asked. */
export function activePartnersAlone(
  book: PartnerBook,
  trustDomain: string,
): (profile: Profile, names: readonly string[]) => Promise<void> {
  return async (profile, names) => {
    if (profile.name !== partnerProfile.name) return;
    for (const name of names) await requireActive(book, partnerNameOf(name, trustDomain) ?? name);
  };
}
