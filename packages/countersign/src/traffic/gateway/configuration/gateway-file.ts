/** What a file of configuration says, once it was read: the defaults are filled in. */
import type { JwsAlgorithm } from '../../../identity/bound-tokens/index.ts';

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
  readonly organizationIdentifier?: string | undefined;
  readonly paymentRoles?: readonly string[] | undefined;
}

/** All that is given must fit. */
export type ExpectedPeerSettings = Omit<WhoSettings, 'organizationIdentifier' | 'paymentRoles'>;

export interface PartnerSettings {
  readonly name: string;
  readonly state: 'active' | 'suspended';
  readonly trust: string;
  readonly who: readonly WhoSettings[];
  /** Names of routes; with `*` all of them. */
  readonly routes: readonly string[];
  readonly limits?: LimitSettings | undefined;
  readonly contacts: readonly string[];
  /** Of the registry, not of the file. */
  readonly registered?: true | undefined;
}

/** Where the partners come from that the file does not list. */
export interface RegistrySettings {
  /** `https://HOST:PORT` */
  readonly authority: string;
  /** Of `credentials`: as whom the gateway asks. */
  readonly credential: string;
  /** The authority's trust domain, which vouches for it and for the partners. */
  readonly trust: string;
  readonly cache: string;
}

export interface HostSettings {
  readonly certificate: CertificateMode;
  readonly credential: string;
  /** A certificate is of the one under whose anchors alone it has a path; of whom it names, that one alone is believed. */
  readonly trust: readonly string[];
  /** Which route is meant is known only when the header is there. */
  readonly headerMs: number;
  /** Whose word about their callers is taken. */
  readonly proxies?: readonly ProxySettings[] | undefined;
}

/** In front of a host; known by its own certificate. */
export interface ProxySettings {
  readonly who: ExpectedPeerSettings;
  /** One of the host's trust domains. */
  readonly trust: string;
  readonly takes: 'rfc9440' | 'xfcc' | 'signed';
  readonly signed?: { readonly issuer: string; readonly audience: string; readonly jwks: string } | undefined;
}

/** The listener that tells why a certificate would be refused. */
export interface CheckSettings {
  readonly host: string;
  readonly port: number;
  readonly credential: string;
  /** The host as which it decides; needed where hosts differ in their trust. */
  readonly as?: string | undefined;
}

export interface BoundSettings {
  readonly requestBytes: number;
  readonly headerBytes: number;
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
  /** By this word alone whom a proxy names is let in. */
  readonly forwarded?: 'allowed' | undefined;
  readonly upstream: string;
  readonly identity: 'xfcc' | 'rfc9440' | 'signed' | 'proxy-v2' | 'none';
  /** With `rfc9440`: whether the issuers' certificates go along. */
  readonly identityChain?: boolean | undefined;
  readonly limits?: LimitSettings | undefined;
  readonly token?: RouteTokenSettings | undefined;
  readonly bounds: BoundSettings;
  readonly observe: boolean;
}

/** What a request needs beside the certificate: a token of this issuer that is bound to it. */
export interface RouteTokenSettings {
  /** One of `tokens`. */
  readonly source: string;
  readonly scopes: readonly string[];
  /** By this word alone a token counts that is bound to nothing. */
  readonly unbound?: 'allowed' | undefined;
  /** Whether the Authorization header goes on. */
  readonly forward: boolean;
  readonly observe: boolean;
  /** Whether an answer that lasts ends with the token, as WebSockets do. */
  readonly endsAnswers: boolean;
}

export interface TokenIssuerSettings {
  readonly issuer: string;
  readonly audience: readonly string[];
  /** A file of keys, or their address; this or `introspection`. */
  readonly jwks?: string | undefined;
  readonly introspection?: { readonly url: string; readonly rememberMs: number } | undefined;
  /** What the gateway shows there: one of `credentials`. */
  readonly credential?: string | undefined;
  /** The trust domain of whoever answers there; without it the authorities that Node trusts. */
  readonly trust?: string | undefined;
  /** Who answers there, by SPIFFE ID; without it whoever has the host of the address as a DNS name. */
  readonly server?: string | undefined;
  readonly algorithms?: readonly JwsAlgorithm[] | undefined;
  /** Whose certificate a client uses: a partner, or a SPIFFE ID or a pattern. */
  readonly clients: Readonly<Record<string, string>>;
  readonly clockToleranceMs: number;
}

export interface CredentialSettings {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  readonly folder?: string | undefined;
}

export interface TrustSettings {
  readonly anchors: readonly string[];
  readonly intermediates: readonly string[];
  readonly revocation?: RevocationSettings | undefined;
  readonly feed?: FeedSettings | undefined;
}

/** The means beside the feed: each says of every certificate whether it is good. */
export interface RevocationSettings {
  /** Files, or addresses that begin with http://. */
  readonly crl: readonly string[];
  readonly crlFromCertificates: boolean;
  /** An address that begins with http://, or `named`. */
  readonly ocsp?: string | undefined;
  readonly undetermined: 'refuse' | 'let-in';
  readonly allowPrivateSources: boolean;
}

/** The feed of the trust domain's own authority: revocations, and the bundle in the place of what the files say. */
export interface FeedSettings {
  /** The authority's local socket; or `url` and `credential`. */
  readonly socket?: string | undefined;
  readonly url?: string | undefined;
  readonly credential?: string | undefined;
  readonly rootSha256?: string | undefined;
  readonly afterLease: 'refuse' | 'continue';
}

/** Mutual TLS to an upstream. */
export interface UpstreamTlsSettings {
  /** Left out where the file has one credential alone. */
  readonly credential?: string | undefined;
  readonly trust: string;
  readonly expect: ExpectedPeerSettings;
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

/** Where what was decided is written down. */
export interface EvidenceSettings {
  readonly folder: string;
  readonly keepDays: number;
  readonly unwritable: 'continue' | 'refuse';
}

export interface GatewayFile {
  readonly version: 1;
  readonly listen: { readonly host: string; readonly port: number; readonly withoutName?: string | undefined };
  readonly admin: { readonly socket?: string | undefined; readonly port?: number | undefined };
  readonly signing?: SigningSettings | undefined;
  readonly workers: number | 'auto';
  readonly state?: { readonly folder: string } | undefined;
  readonly evidence?: EvidenceSettings | undefined;
  readonly credentials: Readonly<Record<string, CredentialSettings>>;
  readonly trust: Readonly<Record<string, TrustSettings>>;
  readonly partners: readonly PartnerSettings[];
  readonly registry?: RegistrySettings | undefined;
  readonly check?: CheckSettings | undefined;
  readonly hosts: Readonly<Record<string, HostSettings>>;
  readonly routes: readonly RouteSettings[];
  readonly upstreams: Readonly<Record<string, UpstreamSettings>>;
  readonly tokens: Readonly<Record<string, TokenIssuerSettings>>;
}
