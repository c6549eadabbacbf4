/** The issuer's metadata (RFC 8414), with where its endpoints are under mutual TLS (RFC 8705, 5). */
import type { JsonObject } from '../../identity/bound-tokens/index.ts';

export interface IssuerAddresses {
  /** `iss`: an https URL without query and fragment. */
  readonly issuer: string;
  /** Where the endpoints are; default the issuer itself. */
  readonly endpoints: string;
  readonly selfSigned: boolean;
}

/** RFC 8414, 3.1: between host and path of the issuer. */
export const metadataPrefix = '/.well-known/oauth-authorization-server';

export const endpointPaths = {
  token: '/token',
  introspection: '/introspect',
  revocation: '/revoke',
  jwks: '/jwks',
} as const;

/** Of keys and certificates alone: no client has a secret here. */
export function issuerMetadata({ issuer, endpoints, selfSigned }: IssuerAddresses): JsonObject {
  const under = (path: string): string => `${endpoints.replace(/\/$/, '')}${path}`;
  const methods = ['tls_client_auth', ...(selfSigned ? ['self_signed_tls_client_auth'] : [])];
  const mutual = {
    token_endpoint: under(endpointPaths.token),
    introspection_endpoint: under(endpointPaths.introspection),
    revocation_endpoint: under(endpointPaths.revocation),
  };
  return {
    issuer,
    ...mutual,
    jwks_uri: `${issuer.replace(/\/$/, '')}${endpointPaths.jwks}`,
    // Required, and there is no authorization endpoint (RFC 8414, 2).
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_methods_supported: ['tls_client_auth'],
    revocation_endpoint_auth_methods_supported: methods,
    tls_client_certificate_bound_access_tokens: true,
    mtls_endpoint_aliases: mutual,
  };
}
