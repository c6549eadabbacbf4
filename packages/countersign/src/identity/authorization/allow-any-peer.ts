/** The policy that lets in every peer with a valid certificate of a known trust domain: it has to be spelled out. */
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

export function allowAnyPeer(): PeerPolicy {
  return makePolicy({ kind: 'any-peer' });
}
