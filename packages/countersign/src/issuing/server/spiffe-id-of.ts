/** The SPIFFE ID of a peer; every certificate of this authority has one. */
import { Refusal } from '../../ground/errors/index.ts';
import type { VerifiedPeer } from '../../runtime/tls/index.ts';

export function spiffeIdOf({ spiffeId, name }: VerifiedPeer): string {
  if (spiffeId === undefined) throw new Refusal('CS-SPIFFE-002', { subject: name, rule: 'one URI name (X509-SVID 2)' });
  return spiffeId;
}
