/** From what a person named to the identity or the issuer's key that is revoked as a whole. */
import { Refusal } from '../../ground/errors/index.ts';
import { issuerKeyOf, type RevocationReason, type RevokedScope } from '../../identity/revocation/index.ts';
import { parseSpiffeId } from '../../identity/spiffe/index.ts';
import type { RevokeRequest } from '../../runtime/api/index.ts';
import { authorityId, reservedPath } from '../../runtime/api/index.ts';
import { sha256 } from '../../runtime/cryptography/index.ts';
import { administratorProfile, backdateMs, partnerProfile, writtenName } from '../authority/index.ts';
import type { ServerParts } from './server-parts.ts';

/** Certificates of one name that are looked at for whose they are. Own choice: beyond it they are of one service with many replicas. */
const mostOfOneName = 1000;

/** `undefined` where the request names a certificate or a name. @throws CS-REVOKE-002, -004, -005 */
export async function wideScope(
  parts: ServerParts,
  { identity, issuer, reason = 'unspecified' }: RevokeRequest,
): Promise<RevokedScope | undefined> {
  if (identity !== undefined) return scopeOfIdentity(parts, await identityOf(parts, identity), reason);
  return issuer === undefined ? undefined : scopeOfIssuer(parts, issuer, reason);
}

function scopeOfIdentity(
  { authority, feed, profiles }: ServerParts,
  identity: string,
  reason: RevocationReason,
): RevokedScope {
  const own = [authorityId(authority.trustDomain), `spiffe://${authority.trustDomain}${reservedPath}feed`];
  if (own.includes(identity)) throw new Refusal('CS-REVOKE-002', { asked: identity });
  const revokedAt = feed.now();
  // Of this very second are also those that come after; those from before are on record and revoked by their serial numbers.
  const notBeforeUntil = Math.floor(revokedAt / 1000) * 1000 - backdateMs - 1000;
  const longestMs = Math.max(
    ...[...profiles.current().profiles, administratorProfile, partnerProfile].map(({ life }) => life.longestMs),
  );
  return { kind: 'identity', identity, notBeforeUntil, revokedAt, expiresAt: revokedAt + longestMs, reason };
}

async function identityOf({ authority, inventory }: ServerParts, asked: string): Promise<string> {
  const name = writtenName(asked);
  const { records } = await inventory.byName(name, undefined, mostOfOneName);
  const found = [...new Set(records.map(({ spiffeId }) => spiffeId))];
  const [only, ...others] = found;
  if (others.length > 0) throw new Refusal('CS-REVOKE-005', { name, identities: found });
  if (only !== undefined) return only;
  // Of what is not on record, too: it may have been lost with a database.
  const written = name.includes('://') ? name : `spiffe://${authority.trustDomain}/${name}`;
  try {
    return parseSpiffeId(written).toString();
  } catch (cause) {
    throw new Refusal('CS-REVOKE-001', { asked }, { cause });
  }
}

async function scopeOfIssuer(parts: ServerParts, asked: string, reason: RevocationReason): Promise<RevokedScope> {
  const { authority, inventory, feed } = parts;
  const { issuer, anchor } = authority.keys;
  const issuerKey =
    asked.length === 64
      ? asked
      : asked === issuer.certificate.serialNumber
        ? issuer.issuerKey
        : (await inventory.bySerialNumber([asked]))[0]?.issuerKey;
  if (issuerKey === undefined) throw new Refusal('CS-REVOKE-004', { asked });
  if (issuerKey === issuer.issuerKey || issuerKey === issuerKeyOf(anchor, sha256))
    throw new Refusal('CS-REVOKE-002', { asked: issuerKey });
  // Whoever holds the key can sign until its own certificate ends, which is not known here: no later than the root's.
  return { kind: 'issuer', issuerKey, revokedAt: feed.now(), expiresAt: anchor.notAfter, reason };
}
