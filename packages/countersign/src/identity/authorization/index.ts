/** Who may be the peer: policies of SPIFFE IDs, DNS and URI names, subjects and keys, and what is composed of them. There is no default; "anybody" must be spelled out. */
export { allOf } from './all-of.ts';
export { allowAnyPeer } from './allow-any-peer.ts';
export { anyOf } from './any-of.ts';
export { decide, type Decision, type PeerIdentity } from './decide.ts';
export { describe } from './describe.ts';
export { canonicalDnsName } from './dns-names.ts';
export { dnsName } from './dns-name.ts';
export { dnsNamePattern } from './dns-name-pattern.ts';
export { isPeerPolicy, type PeerPolicy } from './peer-policy.ts';
export { spiffeId } from './spiffe-id.ts';
export { spiffeIdPattern } from './spiffe-id-pattern.ts';
export { spkiPin } from './spki-pin.ts';
export { subject } from './subject.ts';
export { uri } from './uri.ts';
export { uriPattern } from './uri-pattern.ts';
