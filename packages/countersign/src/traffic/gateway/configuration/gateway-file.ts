/** What a file of configuration says, once it was read: the defaults are filled in. */

export type CertificateMode = 'required' | 'optional' | 'none';

export interface LimitSettings {
  readonly requestsPerSecond?: number | undefined;
  readonly burst?: number | undefined;
  readonly requestsPerDay?: number | undefined;
  readonly connections?: number | undefined;
}

/** All that is given must fit. */
export interface WhoSettings {
  readonly spiffeId?: string | undefined;
  readonly dnsName?: string | undefined;
  readonly uri?: string | undefined;
  readonly subject?: string | undefined;
  readonly spkiPin?: string | undefined;
}

export interface PartnerSettings {
  readonly name: string;
  readonly state: 'active' | 'suspended';
  readonly trust: string;
  readonly who: readonly WhoSettings[];
  /** Names of routes; with `*` all of them. */
  readonly routes: readonly string[];
  readonly limits?: LimitSettings | undefined;
  readonly contacts: readonly string[];
}

export interface HostSettings {
  readonly certificate: CertificateMode;
  readonly credential: string;
  /** The first is the home: only its certificates are believed about other names than SPIFFE IDs. */
  readonly trust: readonly string[];
}

export interface BoundSettings {
  readonly requestBytes: number;
  readonly headerBytes: number;
  readonly headerMs: number;
  readonly bodyMs: number;
  readonly answerMs: number;
}

export interface RouteSettings {
  readonly name: string;
  readonly host: string;
  /** A prefix where it ends with "/". */
  readonly path: string;
  readonly methods?: readonly string[] | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly upstream: string;
  readonly identity: 'xfcc' | 'rfc9440' | 'signed' | 'proxy-v2' | 'none';
  /** With `rfc9440`: whether the issuers' certificates go along. */
  readonly identityChain?: boolean | undefined;
  readonly limits?: LimitSettings | undefined;
  readonly token?: Readonly<Record<string, unknown>> | undefined;
  readonly bounds: BoundSettings;
  readonly observe: boolean;
}

export interface CredentialSettings {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly folder?: string | undefined;
}

export interface TrustSettings {
  readonly anchors: readonly string[];
  readonly intermediates: readonly string[];
  readonly revocation?: { readonly crl: readonly string[]; readonly ocsp: readonly string[] } | undefined;
}

/** Mutual TLS to an upstream. */
export interface UpstreamTlsSettings {
  /** Left out where the file has one credential alone. */
  readonly credential?: string | undefined;
  readonly trust: string;
  readonly expect: WhoSettings;
  readonly serverName?: string | undefined;
}

/** What is left out has the default of the room `upstream`. */
export interface UpstreamSettings {
  readonly targets: readonly string[];
  readonly balance?: 'least-requests' | 'round-robin' | undefined;
  readonly health?:
    | {
        readonly active?:
          | {
              readonly path: string;
              readonly everyMs?: number | undefined;
              readonly timeoutMs?: number | undefined;
              readonly healthyAfter?: number | undefined;
              readonly unhealthyAfter?: number | undefined;
              readonly host?: string | undefined;
            }
          | undefined;
        readonly passive?:
          | {
              readonly failures?: number | undefined;
              readonly withinMs?: number | undefined;
              readonly outMs?: number | undefined;
            }
          | undefined;
      }
    | undefined;
  readonly slowStartMs?: number | undefined;
  readonly retries?:
    false | { readonly most?: number | undefined; readonly perRequestMs?: number | undefined } | undefined;
  readonly circuitBreaker?:
    | {
        readonly mostPending?: number | undefined;
        readonly mostRequests?: number | undefined;
        readonly openAfter?: number | undefined;
        readonly openMs?: number | undefined;
      }
    | undefined;
  readonly connectMs?: number | undefined;
  readonly stallMs?: number | undefined;
  readonly tls?: UpstreamTlsSettings | undefined;
}

/** How identities are signed. */
export interface SigningSettings {
  readonly issuer: string;
  readonly keys?: readonly string[] | undefined;
  readonly state?: string | undefined;
  readonly rotateEveryMs: number;
  readonly lifeMs: number;
  readonly certificate: boolean;
}

export interface GatewayFile {
  readonly version: 1;
  readonly listen: { readonly host: string; readonly port: number; readonly withoutName?: string | undefined };
  readonly admin: { readonly socket?: string | undefined; readonly port?: number | undefined };
  readonly signing?: SigningSettings | undefined;
  readonly credentials: Readonly<Record<string, CredentialSettings>>;
  readonly trust: Readonly<Record<string, TrustSettings>>;
  readonly partners: readonly PartnerSettings[];
  readonly hosts: Readonly<Record<string, HostSettings>>;
  readonly routes: readonly RouteSettings[];
  readonly upstreams: Readonly<Record<string, UpstreamSettings>>;
}
