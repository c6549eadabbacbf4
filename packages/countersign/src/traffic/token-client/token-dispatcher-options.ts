/** What a dispatcher of certificate-bound tokens is given. */
import type { Refusal } from '../../ground/errors/index.ts';
import type { MutualClientOptions, PolicyOrSource } from '../../runtime/tls/index.ts';

export interface TokenDispatcherOptions extends MutualClientOptions {
  /** Those that get the token, such as `https://orders.internal:8443`; requests to others are refused. */
  readonly origins: readonly string[];
  readonly tokens: TokenSettings;
}

export interface TokenSettings {
  /** The token endpoint under mutual TLS: of the issuer's metadata `mtls_endpoint_aliases.token_endpoint`. */
  readonly endpoint: string;
  /** Who the issuer may be. */
  readonly issuer: PolicyOrSource;
  /** Default the SPIFFE ID of the certificate. */
  readonly clientId?: string;
  /** Scopes, with spaces between them; default all that the client was granted. */
  readonly scope?: string;
  /** For which resource (RFC 8707); default the one that the client was granted. */
  readonly resource?: string;
  /** For one question to the issuer; default 5,000. */
  readonly timeoutMs?: number;
  /** No token was to be had; it is tried again. Default nobody. */
  readonly onRefusal?: (refusal: Refusal) => void;
}
