/** What is known of revocations about a peer and its path: each certificate by its issuer's key and serial number, and the scopes that take in many. */
import { toRfc3339 } from '../../../ground/clock/index.ts';
import { Refusal } from '../../../ground/errors/index.ts';
import { revocationKey, type RevocationView, type RevokedScope } from '../../../identity/revocation/index.ts';
import { type Certificate, parseCertificate } from '../../../identity/x509/index.ts';
import type { Trust } from '../trust/trust.ts';
import { keyOfIssuer } from './key-of-issuer.ts';
import type { VerifiedPeer } from './verified-peer.ts';

export function isRevoked(peer: VerifiedPeer, trust: Trust): boolean {
  const view = trust.revocations.current();
  if (scopeOf(peer, view) !== undefined) return true;
  return peer.revocationKeys.some((key) => {
    const [issuerKey = '', serialNumber = ''] = key.split(':');
    return view.isRevoked(issuerKey, serialNumber) !== undefined;
  });
}

export function scopeOf(peer: VerifiedPeer, view: RevocationView): RevokedScope | undefined {
  return view.scopeOf?.({
    identity: peer.spiffeId,
    issuerKeys: () => peer.revocationKeys.map((key) => key.slice(0, key.indexOf(':'))),
    notBefore: () => parseCertificate(peer.certificate).notBefore,
  });
}

/** The leaf and every intermediate; the anchor is taken out of use by the bundle. Returns their keys. */
export function requireUnrevoked(path: readonly Certificate[], subject: string, trust: Trust): string[] {
  const view = trust.revocations.current();
  return path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1];
    if (issuer === undefined) throw new TypeError('a validated path ends with its anchor');
    const issuerKey = keyOfIssuer(issuer);
    const entry = view.isRevoked(issuerKey, certificate.serialNumber);
    if (entry === undefined) return revocationKey(issuerKey, certificate.serialNumber);
    throw revoked(subject, certificate.serialNumber, entry);
  });
}

export function requireOutsideScopes(
  { notBefore, serialNumber }: Certificate,
  { identity, keys, subject }: { identity: string | undefined; keys: readonly string[]; subject: string },
  view: RevocationView,
): void {
  const scope = view.scopeOf?.({
    identity,
    issuerKeys: () => keys.map((key) => key.slice(0, key.indexOf(':'))),
    notBefore: () => notBefore,
  });
  if (scope !== undefined) throw revoked(subject, serialNumber, scope);
}

/** Of a certificate, or of a scope that takes it in. */
interface Decided {
  readonly revokedAt: number;
  readonly reason?: string | undefined;
}

export function revoked(peer: string, serialNumber: string, { revokedAt, reason }: Decided): Refusal {
  if (reason === 'certificateHold')
    return new Refusal('CS-PEER-020', { peer, serialNumber, heldSince: toRfc3339(revokedAt) });
  return new Refusal('CS-PEER-008', { peer, serialNumber, revokedAt: toRfc3339(revokedAt) });
}
