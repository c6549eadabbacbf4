/** A program's companion: the mutual TLS front before its plain port, and the trust that both directions rest on. */
export { followTrust, type FollowedTrust, type FollowedTrustOptions } from './follow-trust.ts';
export { createFront, type FrontOptions, type FrontProtocol } from './front.ts';
