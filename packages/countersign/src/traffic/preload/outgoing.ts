/** What a call of a program under `run` is made with, and by what its server is known. */
import { isIP } from 'node:net';
import type { ConnectionOptions, SecureContext } from 'node:tls';
import type { Clock } from '../../ground/clock/index.ts';
import { allowAnyPeer, canonicalDnsName, dnsName, type PeerPolicy } from '../../identity/authorization/index.ts';
import type { Trust } from '../../runtime/tls/index.ts';
import { isLoopback } from './destination.ts';

/** What a call is made with, and who may answer it. */
export interface Outgoing {
  readonly trust: Trust;
  readonly clock: Clock;
  readonly trustDomain: string;
  /** For a connection that begins now. */
  context(): SecureContext;
  isPublic(host: string): boolean;
  /** Where it says who may be the server, whatever the address. */
  readonly to: PeerPolicy | undefined;
  /** The longest that a handshake may take. Default 10 s. */
  readonly timeoutMs?: number;
}

/** What says who the server may be: `--to`, nothing but the trust domain (on this machine), the name or the address that is called. */
export type Kind = 'to' | 'here' | 'name' | 'address';

export function kindOf(options: ConnectionOptions, host: string, { to }: Outgoing): Kind {
  if (to !== undefined) return 'to';
  if (isLoopback(options)) return 'here';
  return isIP(host) === 0 && canonicalDnsName(host) !== undefined ? 'name' : 'address';
}

/** No policy knows addresses; `Checks` compares them. */
export function policyOf(kind: Kind, host: string, { to }: Outgoing): PeerPolicy {
  if (kind === 'to' && to !== undefined) return to;
  return kind === 'name' ? dnsName(host) : allowAnyPeer();
}
