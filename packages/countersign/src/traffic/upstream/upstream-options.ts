/** What an upstream is given: where its targets are, and what it does about those that fail. */
import type { Clock } from '../../ground/clock/index.ts';
import type { CredentialSource, PolicyOrSource, Trust } from '../../runtime/tls/index.ts';
import type { AnswerBounds } from '../relay/index.ts';
import type { OnNotAuthenticated } from './not-authenticated.ts';

export type Balance = 'least-requests' | 'round-robin';

export interface ActiveHealth {
  /** Asked with GET; 200 to 399 is well. */
  readonly path: string;
  /** Default 5 s. */
  readonly everyMs?: number;
  /** Default 2 s. */
  readonly timeoutMs?: number;
  /** In a row. Default 2. */
  readonly healthyAfter?: number;
  /** In a row; the first answer of all decides alone. Default 3. */
  readonly unhealthyAfter?: number;
  /** Default: host and port of the target. */
  readonly host?: string;
}

/** By requests that failed: no answer, or one that was none. A status decides nothing. */
export interface PassiveHealth {
  /** Default 5. */
  readonly failures?: number;
  /** Default 10 s. */
  readonly withinMs?: number;
  /** How long a target is out then; the last one is never taken out. Default 10 s. */
  readonly outMs?: number;
}

export interface Retries {
  /** Beyond the first try. Default 1. */
  readonly most?: number;
  /** For one try, after which there is another. Default: as long as an answer may take. */
  readonly perRequestMs?: number;
}

export interface CircuitBreaker {
  /** Requests that wait for an answer to begin. Default 1,024. */
  readonly mostPending?: number;
  /** Requests under way, bodies included. Default 4,096. */
  readonly mostRequests?: number;
  /** Failures in a row, over all targets, after which nothing is sent. Default 50. */
  readonly openAfter?: number;
  /** How long; one request decides then. Default 5 s. */
  readonly openMs?: number;
}

/** Mutual TLS with the targets. */
export interface UpstreamTls {
  readonly credentials: CredentialSource;
  readonly trust: Trust;
  /** Who the targets may be. */
  readonly policy: PolicyOrSource;
  /** Default: the host of the target's URL. */
  readonly servername?: string;
}

export interface UpstreamOptions {
  readonly name: string;
  /** `http://host:port` (HTTP/1.1), `h2c://host:port` (HTTP/2 without TLS), `https://host:port` and `h2://host:port` (the same over mutual TLS). */
  readonly targets: readonly string[];
  readonly clock: Clock;
  /** Default `least-requests`. */
  readonly balance?: Balance;
  readonly health?: { readonly active?: ActiveHealth; readonly passive?: PassiveHealth };
  /** Over which a target that has come back gets its full share. Default 10 s; 0: at once. */
  readonly slowStartMs?: number;
  /** `false`: none. */
  readonly retries?: Retries | false;
  readonly circuitBreaker?: CircuitBreaker;
  /** Default 5 s. */
  readonly connectMs?: number;
  /** From the request to the beginning of its answer, over all tries. Default 60 s. */
  readonly answerMs?: number;
  /** Between two pieces of an answer whose reader waits. Default 300 s; 0: for ever. */
  readonly stallMs?: number;
  readonly answerBounds?: Partial<AnswerBounds>;
  readonly tls?: UpstreamTls;
  /**
   * Each connection begins with octets that say who calls on it: those of the question (`preface`), and these where a health check asks. It is of that
   * caller alone then. HTTP/1.1 only; ahead of TLS, where there is any. Default: none.
   */
  readonly ownPreface?: Uint8Array;
  /** A target is used from now on, or no more. */
  readonly onHealth?: (change: HealthChange) => void;
  /** CS-GATEWAY-041, by requests and health checks and by what ends connections that are there: each reason of a target once. */
  readonly onNotAuthenticated?: OnNotAuthenticated;
}

export interface HealthChange {
  readonly upstream: string;
  readonly target: string;
  readonly isWell: boolean;
  readonly because: 'health check' | 'failures' | 'time is over';
}
