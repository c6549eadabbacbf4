/** The storage port of the feed's endpoints: who must be waited for, or named as unreachable, also after a restart. */

import type { AfterLease } from '../../runtime/api/index.ts';

export interface EndpointRecord {
  readonly spiffeId: string;
  /** The name that the endpoint gave itself. */
  readonly endpoint: string;
  /** The certificate with which it subscribed. */
  readonly serialNumber: string;
  readonly acknowledged: number;
  /** When it was last known to hear the feed; for a subscribed one, when the register was last touched. */
  readonly seenAtMs: number;
  readonly subscribed: boolean;
  /** What it does when its lease has ended; absent for `refuse`. */
  readonly afterLease?: AfterLease | undefined;
}

export interface EndpointRegister {
  /** Adds or replaces, by SPIFFE ID and endpoint. */
  record(endpoints: readonly EndpointRecord[]): Promise<void>;
  /** Everything subscribed was heard of at `atMs`. */
  touch(atMs: number): Promise<void>;
  /** Those seen since `sinceMs`; older ones are forgotten. */
  load(sinceMs: number): Promise<readonly EndpointRecord[]>;
}
