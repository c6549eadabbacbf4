/** SPIFFE: identities as URIs, the certificates that carry them, and trust bundles keyed by trust domain. */
export { type Bundle, BundleSet } from './bundle.ts';
export { parseSpiffeId, parseTrustDomain, SpiffeId } from './spiffe-id.ts';
export { svidId } from './svid.ts';
