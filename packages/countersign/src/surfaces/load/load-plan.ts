/** What load is generated: against whom, of what kind, how much and how fast. */
import type { Clock } from '../../ground/clock/index.ts';
import type { CredentialSource, PolicyOrSource, Trust } from '../../runtime/tls/index.ts';
import type { LoadProgress } from './load-report.ts';

/** The own side of mutual TLS: every connection presents the certificate that `credentials` has just then, and verifies the server. */
export interface LoadTls {
  /** Who the server must be. */
  readonly policy: PolicyOrSource;
  readonly trust: Trust;
  readonly credentials: CredentialSource;
}

export interface LoadTarget {
  /** `none`: plain TCP, to compare the generator with others or to see what TLS costs. */
  readonly tls: LoadTls | 'none';
  readonly host: string;
  readonly port: number;
  /** The name sent as SNI and as the requests' host. Default: `host`, where it is a name. */
  readonly servername?: string;
}

export type LoadWorkload =
  /**
   * A new connection each time, never resumed. `path`: with one answered HTTP/1.1 request on it; that answer is the only certain sign
   * that the server let this side in, since on TLS 1.3 a client is done before its certificate has been looked at. `alone`: without.
   */
  | { readonly handshakes: 'alone' | { readonly path: string } }
  /** Requests on kept connections, one at a time on each; with `bodyBytes` a POST of so many octets, else a GET. */
  | { readonly requests: { readonly http: 1 | 2; readonly path: string; readonly bodyBytes: number } }
  /** So many octets are sent, and the operation is over when as many came back (an echo, RFC 862). */
  | { readonly bytes: number };

/**
 * `closed`: each connection begins the next operation when the last is over. `perSecond`: operations begin by the clock, and a latency counts
 * from the moment at which its operation should have begun, also where no connection was free then: a stall is seen in full.
 */
export type LoadPace = { readonly closed: true } | { readonly perSecond: number };

export interface LoadPlan {
  readonly target: LoadTarget;
  readonly workload: LoadWorkload;
  /** Connections at the same time. */
  readonly connections: number;
  readonly pace: LoadPace;
  /** Milliseconds in which operations begin. Without it `operations` decides. */
  readonly forMs?: number;
  /** How many operations at the most. */
  readonly operations?: number;
  /** Key exchange groups as OpenSSL writes them, the first one preferred. Default: those of the endpoints, the hybrid with ML-KEM first. */
  readonly groups?: string;
  /** Default TLSv1.3. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3';
  /** Of one operation, from its start; default 10 s. */
  readonly timeoutMs?: number;
  /** A process on this machine whose CPU time an operation is told. */
  readonly cpuOf?: number;
}

export interface HowToLoad {
  readonly clock: Clock;
  /** About once a second. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Each failed operation's reason. */
  readonly onFailure?: (error: unknown) => void;
  /** Aborted: no operation begins any more, and the report tells of those that did. */
  readonly signal?: AbortSignal;
}
