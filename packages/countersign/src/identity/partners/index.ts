/** Partners: what one is, as data, and which of them a verified peer is. */
export { organizationIdentifierOf, paymentServicesOf } from './organization.ts';
export {
  type Partner,
  partnerId,
  type PartnerIdentity,
  type PartnerLimits,
  partnerNameForm,
  partnerNameOf,
  type PartnerState,
  partnerStates,
} from './partner.ts';
export { type ClientUse, clientUseOf } from './public-authority.ts';
export {
  identityText,
  type PartnerCaller,
  partnerOf,
  type PartnerPeer,
  PartnerSet,
  type PartnerSetOptions,
} from './partner-set.ts';
export { readPartner } from './read-partner.ts';
