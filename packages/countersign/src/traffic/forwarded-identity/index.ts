/**
 * Who calls, on its way to an upstream: RFC 9440, `x-forwarded-client-cert`, a signed header of our own, the PROXY protocol; and taken in from a proxy
 * that is believed, as a `ForwardedPeer`, which is less than a `VerifiedPeer`. What callers send under these names is taken off in `relay`.
 */
export { clientCertHeaders, parseClientCert, parseClientCertChain } from './client-cert.ts';
export { clientCertificateElement, type ElementOptions } from './client-certificate-element.ts';
export { crc32c } from './crc32c.ts';
export { type CheckedCaller, ForwardedPeer, isForwardedPeer } from './forwarded-peer.ts';
export {
  identityHeader,
  identitySigner,
  type IdentitySigner,
  type IdentitySignerOptions,
  type SignedFor,
} from './identity-signer.ts';
export { issuersOf } from './issuers-of.ts';
export type { IdentityAlgorithm, IdentityJwk } from './jws-key.ts';
export { type ForwardedElement, parseClientCertificate } from './parse-client-certificate.ts';
export {
  localProxyHeader,
  type ProxyAddress,
  proxyHeader,
  type ProxyHeaderOptions,
  proxyTlvs,
} from './proxy-header.ts';
export { type BoundRequest, requestHash } from './request-hash.ts';
export {
  givenKeys,
  type KeptKeys,
  rotatingKeys,
  type RotatingKeysOptions,
  type SigningKey,
  type SigningKeys,
} from './signing-keys.ts';
export { type RestingCaller, restingCaller, type RestingCallerOptions } from './resting-caller.ts';
export { type IncomingRequest, takeIn, type TakeInOptions, type TakenIn, type TrustedProxy } from './take-in.ts';
export {
  type ForwardedIdentity,
  type ForwardedIdentityQuestion,
  verifyForwardedIdentity,
} from './verify-forwarded-identity.ts';
