/** What a token remembers of the certificate that it is bound to, so that it can end with it: by it the issuer finds its revocation, after a restart too. */
import { isJsonObject, type JsonObject } from '../../identity/bound-tokens/index.ts';
import { issuerKeyOf } from '../../identity/revocation/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';
import type { Trust } from '../../runtime/tls/index.ts';
import type { AuthenticatedClient } from './authenticate-client.ts';

/** A private name (RFC 7519, 4.3), which introspection keeps to itself. */
export const certificateClaimName = 'countersign_certificate';

/** Of a self-signed one nothing can be revoked but its registration, which is found by its key. @param issuedAtMs milliseconds since 1970: `iat` has whole seconds */
export function certificateClaim({ peer, key, notBefore }: AuthenticatedClient, issuedAtMs: number): JsonObject {
  if (peer === undefined) return { path: [], key, notBefore, issuedAtMs };
  const { revocationKeys: path, spiffeId: identity, trustDomain } = peer;
  return { path, identity, trustDomain, notBefore, issuedAtMs };
}

/** `undefined` without it: as if it had been issued before anything. */
export function issuedAtMsOf(claims: JsonObject): number | undefined {
  const claim = claims[certificateClaimName];
  const said = isJsonObject(claim) ? claim['issuedAtMs'] : undefined;
  return typeof said === 'number' ? said : undefined;
}

/**
 * Whether a certificate of its path is revoked or held, its identity or an issuer's key is, or its trust anchor is trusted no more. Without the claim: as if
 * it were.
 */
export function certificateHasEnded(claims: JsonObject, trust: Trust): boolean {
  const claim = claims[certificateClaimName];
  if (!isJsonObject(claim)) return true;
  const { path, identity, trustDomain, notBefore } = claim;
  if (!Array.isArray(path) || !path.every((key) => typeof key === 'string') || typeof notBefore !== 'number')
    return true;
  if (path.length === 0) return false;
  const keys = path.map((key) => key.split(':'));
  const view = trust.revocations.current();
  if (keys.some(([issuerKey = '', serialNumber = '']) => view.isRevoked(issuerKey, serialNumber) !== undefined))
    return true;
  const scope = view.scopeOf?.({
    identity: typeof identity === 'string' ? identity : undefined,
    issuerKeys: () => keys.map(([issuerKey = '']) => issuerKey),
    notBefore: () => notBefore,
  });
  return scope !== undefined || !isAnchor(trust, trustDomain, keys.at(-1)?.[0]);
}

/** Whether it was one that nobody vouches for, and with which key; `undefined` of any other. */
export function selfSignedIn(claims: JsonObject): { readonly key: string | undefined } | undefined {
  const claim = claims[certificateClaimName];
  if (!isJsonObject(claim) || !Array.isArray(claim['path']) || claim['path'].length > 0) return undefined;
  return { key: typeof claim['key'] === 'string' ? claim['key'] : undefined };
}

function isAnchor({ bundles }: Trust, trustDomain: unknown, issuerKey: string | undefined): boolean {
  const bundle = typeof trustDomain === 'string' ? bundles.current().get(trustDomain) : undefined;
  return bundle?.anchors.some((anchor) => issuerKeyOf(anchor, sha256) === issuerKey) === true;
}
