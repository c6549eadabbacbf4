/** Who may call as a partner, with what: registered, invited, suspended, resumed, removed. */
export { dueNotices, type ExpiryNotice, type ExpiryQuestion } from './expiry-notices.ts';
export { findPartner } from './find-partner.ts';
export { invite, type InvitationOrder, type MadeInvitation } from './invite.ts';
export type {
  PartnerBook,
  PartnerChange,
  PartnerRecord,
  PartnerRemoval,
  PartnerTerms,
  ToldExpiry,
} from './partner-book.ts';
export type { PartnerRegistry } from './registry.ts';
export { activePartnersAlone, requireActive } from './require-active.ts';
export { remove, resume, suspend } from './suspend.ts';
