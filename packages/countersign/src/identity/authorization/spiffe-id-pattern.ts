/** The policy: the peer's SPIFFE ID fits a pattern of whole path segments. */
import { Refusal } from '../../ground/errors/index.ts';
import { parseSpiffeId } from '../spiffe/index.ts';
import { makePolicy, type PeerPolicy } from './peer-policy.ts';

/**
 * @param pattern such as `spiffe://dev.internal/ns/*\/web` or `spiffe://dev.internal/ns/shop/**`: `*` stands for one whole segment,
 *   `**` (last) for one or more; the trust domain is always spelled out.
 * @throws CS-SPIFFE-001 where it is none
 */
export function spiffeIdPattern(pattern: string): PeerPolicy {
  // The pattern with each wildcard replaced by a plain segment must itself be a SPIFFE ID: so nothing else can hide in it.
  const { trustDomain } = parseSpiffeId(pattern.replace(/\/\*{1,2}(?=\/|$)/g, '/x'));
  const segments = pattern.slice(`spiffe://${trustDomain}/`.length).split('/');
  if (!pattern.startsWith(`spiffe://${trustDomain}/`)) throw refused(pattern, 'a pattern has a path');
  if (segments.slice(0, -1).includes('**')) throw refused(pattern, '** stands last in a pattern');
  return makePolicy({ kind: 'spiffe-id-pattern', trustDomain, segments });
}

function refused(text: string, rule: string): Refusal {
  return new Refusal('CS-SPIFFE-001', { text, rule });
}
