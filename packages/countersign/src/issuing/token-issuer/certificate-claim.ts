/** What a token remembers of the certificate that it is bound to, so that it can end with it: by it the issuer finds its revocation, after a restart too. */
import { isJsonObject, type JsonObject } from '../../identity/bound-tokens/index.ts';
import type { RevocationView } from '../../identity/revocation/index.ts';
import type { AuthenticatedClient } from './authenticate-client.ts';

/** A private name (RFC 7519, 4.3), which introspection keeps to itself. */
export const certificateClaimName = 'countersign_certificate';

/** Of a self-signed one nothing can be revoked but its registration. */
export function certificateClaim({ peer, notBefore }: AuthenticatedClient): JsonObject {
  if (peer === undefined) return { path: [], notBefore };
  return { path: peer.revocationKeys, identity: peer.spiffeId, notBefore };
}

/** Whether a certificate of its path is revoked or held, or its identity or an issuer's key is. Without the claim: as if it were. */
export function certificateIsRevoked(claims: JsonObject, view: RevocationView): boolean {
  const claim = claims[certificateClaimName];
  if (!isJsonObject(claim)) return true;
  const { path, identity, notBefore } = claim;
  if (!Array.isArray(path) || !path.every((key) => typeof key === 'string') || typeof notBefore !== 'number')
    return true;
  const keys = path.map((key) => key.split(':'));
  if (keys.some(([issuerKey = '', serialNumber = '']) => view.isRevoked(issuerKey, serialNumber) !== undefined))
    return true;
  const scope = view.scopeOf?.({
    identity: typeof identity === 'string' ? identity : undefined,
    issuerKeys: () => keys.map(([issuerKey = '']) => issuerKey),
    notBefore: () => notBefore,
  });
  return path.length > 0 && scope !== undefined;
}
