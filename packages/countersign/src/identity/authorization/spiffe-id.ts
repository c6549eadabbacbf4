/** The policy: the peer is exactly this SPIFFE ID. */
import { parseSpiffeId } from '../spiffe/index.ts';
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

/** @throws CS-SPIFFE-001 where `id` is no SPIFFE ID */
export function spiffeId(id: string): PeerPolicy {
  return makePolicy({ kind: 'spiffe-id', id: parseSpiffeId(id).toString() });
}
