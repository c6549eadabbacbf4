/** Whom the gateway takes an upstream for: what a file says of that, as a peer policy. */
import { allOf, dnsName, type PeerPolicy, spkiPin, subject, uri } from '../../identity/authorization/index.ts';
import type { ExpectedPeerSettings } from './configuration/gateway-file.ts';
import { callerPattern } from './routing/caller-pattern.ts';

/** @throws TypeError where it says nothing, or what no policy can be */
export function expectedPeerPolicy(expected: ExpectedPeerSettings): PeerPolicy {
  const { spiffeId: id, dnsName: dns, uri: address, subject: name, spkiPin: pin } = expected;
  const all = [
    ...(id === undefined ? [] : [callerPattern(id)]),
    ...(dns === undefined ? [] : [dnsName(dns)]),
    ...(address === undefined ? [] : [uri(address)]),
    ...(name === undefined ? [] : [subject(name)]),
    ...(pin === undefined ? [] : [spkiPin(pin)]),
  ];
  if (all.length === 0) throw new TypeError('an entry that names nothing would fit everybody');
  return allOf(...all);
}
