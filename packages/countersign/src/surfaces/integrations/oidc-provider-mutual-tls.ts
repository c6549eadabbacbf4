/** oidc-provider (the authorization server of the npm package): its hooks of mutual TLS (RFC 8705), filled with the peer that our server verified. */
import { encodePem } from '../../ground/encoding/index.ts';
import { isRefusal } from '../../ground/errors/index.ts';
import { isRegisteredNameKind, type RegisteredName, registeredName } from '../../identity/bound-tokens/index.ts';
import { optionalPeerOf, type PeerBearer, presentedCertificateOf, type VerifiedPeer } from '../../runtime/tls/index.ts';

/** What is used of the context that the hooks get. */
export interface OidcContextLike {
  /** Node's request. */
  readonly req: PeerBearer;
}

/** `features.mTLS` of its configuration. */
export interface OidcMutualTls {
  readonly enabled: true;
  readonly certificateBoundAccessTokens: true;
  readonly tlsClientAuth: true;
  readonly selfSignedTlsClientAuth: boolean;
  getCertificate(context: OidcContextLike): string | undefined;
  certificateAuthorized(context: OidcContextLike): boolean;
  certificateSubjectMatches(context: OidcContextLike, property: string, expected: string): boolean;
}

export interface OidcMutualTlsOptions {
  /**
   * Whether clients of `self_signed_tls_client_auth` are taken: for a server with `clientCertificate: 'optional'`, whose handshake takes certificates that
   * nobody vouches for. Default `refused`: a certificate that does not count is then none.
   */
  readonly selfSigned?: 'accepted' | 'refused';
}

/** Names that were compared before; clients are registered by the thousand. Own choice. */
const mostRemembered = 10_000;

/**
 * `new Provider(issuer, { features: { mTLS: oidcProviderMutualTls() }, ... })`, served by `createServer(policy, options, provider.callback())`. Without a proxy
 * before it: who the peer is comes from the connection, and no header is looked at.
 */
export function oidcProviderMutualTls({ selfSigned = 'refused' }: OidcMutualTlsOptions = {}): OidcMutualTls {
  const remembered = new Map<string, RegisteredName | undefined>();
  const nameOf = (property: string, expected: string): RegisteredName | undefined => {
    const key = `${property} ${expected}`;
    if (remembered.has(key)) return remembered.get(key);
    if (remembered.size >= mostRemembered) remembered.clear();
    const name = readName(property, expected);
    remembered.set(key, name);
    return name;
  };
  return {
    enabled: true,
    certificateBoundAccessTokens: true,
    tlsClientAuth: true,
    selfSignedTlsClientAuth: selfSigned === 'accepted',
    getCertificate: ({ req }) => {
      const der = selfSigned === 'accepted' ? presentedCertificateOf(req) : peerOf(req)?.certificate;
      return der === undefined ? undefined : encodePem('CERTIFICATE', der);
    },
    certificateAuthorized: ({ req }) => peerOf(req) !== undefined,
    certificateSubjectMatches: ({ req }, property, expected) => {
      const peer = peerOf(req);
      return peer !== undefined && nameOf(property, expected)?.fits(peer) === true;
    },
  };
}

function peerOf(req: PeerBearer): VerifiedPeer | undefined {
  const outcome = optionalPeerOf(req);
  return outcome !== undefined && 'peer' in outcome ? outcome.peer : undefined;
}

/** What was registered there is not checked as strictly as here: what is no such name fits nobody. */
function readName(property: string, expected: string): RegisteredName | undefined {
  if (!isRegisteredNameKind(property)) return undefined;
  try {
    return registeredName('of oidc-provider', property, expected);
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
