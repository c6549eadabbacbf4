/** Whom a route allows by SPIFFE ID: one, or a pattern of whole segments. */
import { type PeerPolicy, spiffeId, spiffeIdPattern } from '../../../identity/authorization/index.ts';

/** @throws CS-SPIFFE-001 */
export function callerPattern(written: string): PeerPolicy {
  return written.includes('*') ? spiffeIdPattern(written) : spiffeId(written);
}
