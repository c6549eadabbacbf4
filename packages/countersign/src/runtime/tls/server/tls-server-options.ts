/** What every server of this room tells node:tls, whatever it speaks above it. */
import type { TlsOptions } from 'node:tls';
import { contextOptions, usable, type ContextInput } from '../context/context-options.ts';
import type { Credential } from '../context/credential.ts';
import { defaultCredentials } from '../context/named-credentials.ts';
import { policySourceOf, type PolicyOrSource } from '../peer/policy-source.ts';
import { chooseContext } from './choose-context.ts';
import { minVersionOf, type ServerOptions } from './server-options.ts';

const defaultHandshakeTimeoutMs = 10_000;

export function handshakeTimeoutOf({ handshakeTimeoutMs = defaultHandshakeTimeoutMs }: ServerOptions): number {
  return handshakeTimeoutMs;
}

export function clientCertificateIsOptional({ clientCertificate }: ServerOptions): boolean {
  return clientCertificate === 'optional' || clientCertificate === 'none';
}

/** Credential and bundles at this moment. */
export function contextInput(options: ServerOptions): ContextInput & { readonly credential: Credential } {
  return {
    credential: defaultCredentials(options.credentials).current(),
    bundles: options.trust.bundles.current(),
    minVersion: minVersionOf(options),
  };
}

/**
 * To be given to `createServer` of node:tls, node:https or node:http2 within `usable`.
 * @param protocols for ALPN, the preferred one first
 * @throws TypeError for a policy or credentials that are none, before anything else @throws CS-TLS-007
 */
export function tlsServerOptions(
  policy: PolicyOrSource,
  options: ServerOptions,
  protocols: readonly string[],
): TlsOptions {
  policySourceOf(policy);
  defaultCredentials(options.credentials);
  const SNICallback = chooseContext(options);
  return {
    ...usable(() => contextOptions(contextInput(options))),
    ALPNProtocols: [...protocols],
    requestCert: options.clientCertificate !== 'none',
    rejectUnauthorized: !clientCertificateIsOptional(options),
    handshakeTimeout: handshakeTimeoutOf(options),
    enableTrace: false,
    ...(SNICallback && { SNICallback }),
  };
}
