/** The OCSP responder: what it says of the certificates on record, signed ahead by a key of its own. It knows nothing of HTTP. */
export { type Allowance, allowance } from './allowance.ts';
export { type OcspKind, ocspKinds, type OcspReply } from './ocsp-reply.ts';
export { OcspResponder, type OcspResponderOptions } from './ocsp-responder.ts';
export { type OcspRules, defaultOcspRules } from './ocsp-rules.ts';
export type { ResponderKey } from './responder-key.ts';
export { type SigningAhead, signAhead, type SigningAheadOptions } from './sign-ahead.ts';
