/** The server of a token issuer, by mutual TLS. */
import {
  createServer,
  type MutualTlsServer,
  type PolicyOrSource,
  type ServerOptions,
} from '../../runtime/tls/index.ts';
import type { TokenIssuer } from './token-issuer.ts';

/**
 * Without clients of `self_signed_tls_client_auth` it is `createServer`: nobody reaches an endpoint who was not verified. With them the handshake takes any
 * certificate, whose key is proven by it all the same; whether it counts is then said in the answer, as `invalid_client`.
 * @param policy who may be a verified client; required, there is no default
 */
export function createTokenServer(
  policy: PolicyOrSource,
  options: Omit<ServerOptions, 'clientCertificate'>,
  issuer: Pick<TokenIssuer, 'handler' | 'selfSigned'>,
): MutualTlsServer {
  const clientCertificate = issuer.selfSigned === 'accepted' ? 'optional' : 'required';
  return createServer(policy, { ...options, clientCertificate }, issuer.handler);
}
