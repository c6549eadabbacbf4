/** What starting an authority takes, and what it gives. */
import type { Clock } from '../../../ground/clock/index.ts';
import type { Tracing } from '../../../runtime/telemetry/index.ts';
import type { Source } from '../../../runtime/tls/index.ts';
import type { IssueStep } from '../../authority/index.ts';
import type { AuthorityStores } from '../authority-stores.ts';
import type { KeyPassphrases } from '../keys/passphrases.ts';
import type { ReadPeerCredentials } from '../peer-credentials.ts';
import type { RevokeStep } from '../revoke-step.ts';
import type { Route } from '../route.ts';
import type { ServerLog } from '../server-event.ts';
import type { AuthoritySettings } from '../settings/authority-settings.ts';
import type { Readiness } from '../telemetry/readiness.ts';

/** What must be ended, from the last to the first. */
export type Endings = (() => Promise<void> | void)[];

export type CrashStep = IssueStep | RevokeStep;

export interface AuthorityServerOptions {
  /** The state directory; made where it is missing. */
  readonly dir: string;
  /** Where the local socket is; default the state directory. */
  readonly socketDir?: string | undefined;
  /** Stays the caller's: close it after the server. Its lock is what keeps a second process out of `dir`. */
  readonly stores: AuthorityStores;
  /** Default 127.0.0.1:7443; port 0 takes a free one. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** Default: the directory's own, dev.internal for a new one. */
  readonly trustDomain?: string | undefined;
  /** What opens the keys, and protects new ones; default nothing: they are unencrypted. */
  readonly passphrases?: KeyPassphrases | undefined;
  readonly clock: Clock;
  /** What a person has set; default nothing. */
  readonly settings?: (Source<AuthoritySettings> & { readonly path?: string }) | undefined;
  /** The life of services' certificates where a token does not say, in milliseconds; default 24 h. */
  readonly lifeMs?: number | undefined;
  /** The life of the authority's own server certificate, in milliseconds; default 24 h. */
  readonly ownLifeMs?: number | undefined;
  /** How often the feed speaks at least, in milliseconds; default 5 s. */
  readonly heartbeatMs?: number | undefined;
  /** How long an endpoint that hears nothing may go on with what it knows, in milliseconds; default 12 h. */
  readonly leaseMs?: number | undefined;
  /** How long `revoke` waits for endpoints, in milliseconds; default 5 s. */
  readonly enforcementWaitMs?: number | undefined;
  readonly log?: ServerLog | undefined;
  /** Who collects traces; default nobody. */
  readonly tracing?: Tracing | undefined;
  /** Of this program, for its metrics and status. */
  readonly version?: string | undefined;
  /** Sockets that listen already, handed over by systemd, instead of the addresses. */
  readonly sockets?: { readonly https?: number | undefined; readonly metrics?: number | undefined } | undefined;
  /** For tests that end the process at a named step. */
  readonly onStep?: ((step: CrashStep) => void) | undefined;
  /** For tests: who calls on the local socket. Default: the kernel's word. */
  readonly readPeer?: ReadPeerCredentials | undefined;
}

export interface AuthorityServer {
  /** `https://host:port`. */
  readonly url: string;
  /** SHA-256 of the anchor's DER, lower-case hexadecimal: the pin. */
  readonly rootSha256: string;
  readonly trustDomain: string;
  readonly host: string;
  readonly port: number;
  /** How many different persons must agree to what needs these roles, now. */
  readonly persons: () => { readonly issuer: number; readonly root: number };
  /** All that it answers, on either listener. */
  readonly routes: readonly Pick<Route, 'method' | 'path' | 'who' | 'described'>[];
  /** Where /metrics, /healthz and /readyz were answered at the start; settings may have moved it since. */
  readonly telemetryUrl?: string | undefined;
  /** The beginnings of the paths that its plain listener answers, to anybody. */
  readonly published: readonly string[];
  /** Where that listener is now, `http://host:port`; `undefined` where the settings ask for none. */
  readonly publishingUrl: () => string | undefined;
  /** Where access tokens are had now, `https://host:port`; `undefined` where the settings ask for no such listener. */
  readonly tokenIssuerUrl: () => string | undefined;
  readonly readiness: Pick<Readiness, 'assess'>;
  /** Spans that were not sent, for its metrics. */
  spansLost(count: number): void;
  /** Whether the issuer's key is under a passphrase on disk. */
  readonly keysEncrypted: boolean;
  /** When the first of the certificates up to the root ends: nothing can be issued beyond it. */
  readonly issuerNotAfterMs: number;
  /** Stops listening, ends the feed's streams, lets requests finish; resolves when all is down. The stores are left open. */
  close(): Promise<void>;
}

export const defaultListen: Readonly<{ host: string; port: number }> = { host: '127.0.0.1', port: 7443 };

/** 5 s: silence is noticed after three of them, and one signature serves all endpoints. */
export const defaultHeartbeatMs: number = 5_000;
/**
 * 12 h: half of the default life, so that an authority that is away stops nobody before certificates would. It is also the longest
 * time for which an endpoint cut off from the feed accepts what was revoked. Doubt: a shorter one is safer and less forgiving.
 */
export const defaultLeaseMs: number = 12 * 3_600_000;
export const defaultEnforcementWaitMs: number = 5_000;
