/** The names and keys of a partner's identity as one peer policy: they are compared as everywhere. */
import {
  allOf,
  dnsName,
  type PeerPolicy,
  spiffeId,
  spiffeIdPattern,
  spkiPin,
  subject,
  uri,
} from '../authorization/index.ts';
import type { PartnerIdentity } from './partner.ts';

/** `undefined` where the organization alone says who it is. @throws TypeError, CS-SPIFFE-001, CS-X509-004 for what is no such name */
export function policyOf(identity: PartnerIdentity): PeerPolicy | undefined {
  const policies = [
    ...(identity.spiffeId === undefined ? [] : [idPolicy(identity.spiffeId)]),
    ...(identity.dnsName === undefined ? [] : [dnsName(identity.dnsName)]),
    ...(identity.uri === undefined ? [] : [uri(identity.uri)]),
    ...(identity.subject === undefined ? [] : [subject(identity.subject)]),
    ...(identity.spkiPin === undefined ? [] : [spkiPin(identity.spkiPin)]),
  ];
  const [first, ...others] = policies;
  return first === undefined ? undefined : allOf(first, ...others);
}

function idPolicy(written: string): PeerPolicy {
  return isPattern(written) ? spiffeIdPattern(written) : spiffeId(written);
}

/** No SPIFFE ID has the character (SPIFFE ID, 2.1 and 2.2). */
export function isPattern(spiffeId: string): boolean {
  return spiffeId.includes('*');
}
